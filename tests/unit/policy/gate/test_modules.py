"""The package of a module: read in one form, and refused in every other."""

import pytest
from placet_policy.errors import BundleRefused
from placet_policy.gate.modules import package_of


@pytest.mark.parametrize(
    ("source", "package"),
    [
        (b"package placet", "placet"),
        (b"package placet.main\n", "placet.main"),
        (b"package placet.rules.fee_limit\n\nimport rego.v1\n", "placet.rules.fee_limit"),
        (b"# METADATA\n# title: x\npackage placet.main # why\n", "placet.main"),
        (b"\n \t\n  package\tplacet.main\t \n", "placet.main"),
        (b"# a\r\npackage placet.main\r\n", "placet.main"),
        (b"package placet.main\n# package system.authz\nx := `package system.authz`\n", "placet.main"),
        ("# Gr\u00fc\u00dfe\npackage placet.main\n".encode(), "placet.main"),
    ],
)
def test_the_package_is_read(source: bytes, package: str) -> None:
    """Comments, blank lines, tabs and CRLF do not matter."""
    assert package_of(source, "m.rego") == package


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"# package placet.main\n",
        b"package system.authz\n",
        b"package system\n",
        b"package data.placet\n",
        b"package placetx.main\n",
        b"package placet_main\n",
        b"package Placet.main\n",
        b'package placet["main"]\n',
        b'package system["authz"] # placet\n',
        b"package placet.main; x := 1\n",
        b"package placet.main x := 1\n",
        b"package placet.\n",
        b"package placet..main\n",
        b"package\nplacet.main\n",
        b"packageplacet.main\n",
        b"import rego.v1\npackage placet.main\n",
        b"default allow := true\n",
        b"/* package placet.main */\npackage system.authz\n",
        b"`\npackage placet.main\n`\npackage system.authz\n",
        b"# x\rpackage placet.main\npackage system.authz\n",
        b"# x\x0bpackage placet.main\npackage system.authz\n",
        b"# x\x0cpackage placet.main\npackage system.authz\n",
        b"# x\x1cpackage placet.main\npackage system.authz\n",
        "# x\u0085package placet.main\npackage system.authz\n".encode(),
        "# x\u2028package placet.main\npackage system.authz\n".encode(),
        "# x\u2029package placet.main\npackage system.authz\n".encode(),
        "\ufeffpackage placet.main\n".encode(),
        "package placet.main\u00a0\n".encode(),
        "package \u0440lacet.main\n".encode(),
        b"\xff\xfep\x00a\x00",
        b"package placet.main\n\x00package system.authz\n",
    ],
)
def test_every_other_form_is_refused(source: bytes) -> None:
    """A package outside placet, or a text in which one could hide from this reader, does not get past the gate."""
    with pytest.raises(BundleRefused) as refused:
        package_of(source, "m.rego")

    assert refused.value.path == "m.rego"

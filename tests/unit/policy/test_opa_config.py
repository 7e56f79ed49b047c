"""How OPA is started: the two files and the arguments."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_policy.opa_config import main
from placet_policy.private_opa import find_opa


def test_the_command_writes_the_files_and_prints_the_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON array of arguments, with API and gate on loopback and authorization on."""
    folder = tmp_path / "new"
    code = main([str(folder), "--gate-port", "8182", "--opa-port", "8181"])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == [
        "run",
        "--server",
        "--addr",
        "127.0.0.1:8181",
        "--authorization=basic",
        "--config-file",
        f"{folder}/config.yaml",
        "--log-format",
        "json",
        "--log-level",
        "error",
        "--skip-version-check",
        f"{folder}/authz.rego",
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["authz.rego", "config.yaml"]


def test_a_diagnostic_address_is_passed_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Probes and metrics may be asked from outside the pod, the API may not."""
    main([str(tmp_path), "--gate-port", "1", "--opa-port", "2", "--diagnostic-addr", "0.0.0.0:8282"])
    arguments = json.loads(capsys.readouterr().out)

    assert arguments[arguments.index("--diagnostic-addr") + 1] == "0.0.0.0:8282"
    assert arguments[arguments.index("--addr") + 1] == "127.0.0.1:2"


def test_the_configuration_knows_one_bundle_and_nothing_else(tmp_path: Path) -> None:
    """No discovery, decision logs, status or persistence: policy comes through the gate, and nothing goes out."""
    main([str(tmp_path), "--gate-port", "8182", "--opa-port", "8181"])

    assert json.loads((tmp_path / "config.yaml").read_text()) == {
        "services": {"gate": {"url": "http://127.0.0.1:8182"}},
        "bundles": {
            "placet": {
                "service": "gate",
                "resource": "bundle.tar.gz",
                "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1, "long_polling_timeout_seconds": 30},
                "size_limit_bytes": 67108864,
                "persist": False,
            }
        },
    }


def test_the_authorization_file_is_strict_formatted_rego(tmp_path: Path) -> None:
    """OPA's own checker and formatter have nothing to say, and the default is false."""
    main([str(tmp_path), "--gate-port", "1", "--opa-port", "2"])
    file = tmp_path / "authz.rego"
    checked = subprocess.run([opa_binary(), "check", "--strict", file], capture_output=True, check=False)
    unformatted = subprocess.run([opa_binary(), "fmt", "--list", file], capture_output=True, check=True)

    assert (checked.returncode, checked.stderr, unformatted.stdout) == (0, b"", b"")
    assert re.findall(r"^default .*", file.read_text(), re.MULTILINE) == ["default allow := false"]


@pytest.mark.parametrize("arguments", [[], ["DIR"], ["DIR", "--gate-port", "x", "--opa-port", "1"]])
def test_wrong_arguments_stop_it(arguments: list[str]) -> None:
    """A usage error is exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2


def test_opa_is_found_in_order(tmp_path: Path) -> None:
    """The one given, else the one named by the environment, else the one on PATH, else none."""
    on_path = tmp_path / "opa"
    on_path.write_bytes(b"#!/bin/sh\n")
    on_path.chmod(0o755)
    environ = {"PLACET_OPA": "/named/opa", "PATH": os.fspath(tmp_path)}

    assert find_opa(Path("/given/opa"), environ) == Path("/given/opa")
    assert find_opa(None, environ) == Path("/named/opa")
    assert find_opa(None, {"PATH": os.fspath(tmp_path)}) == on_path
    assert find_opa(None, {"PATH": os.fspath(tmp_path / "nothing")}) is None

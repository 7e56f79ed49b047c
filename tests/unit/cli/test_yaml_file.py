"""The encoding of a node's configuration file."""

from pathlib import Path

import pytest
from placet_cli.errors import CliError
from placet_cli.yaml_file import read_yaml

TEXT = "callback:\n  retry_times: 1\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_another_encoding_is_named_as_the_cause(tmp_path: Path, encoding: str) -> None:
    """A file that an editor saved otherwise must not be read as one without a callback section."""
    file = tmp_path / "config.yaml"
    file.write_bytes((TEXT + "# é\n").encode(encoding))
    with pytest.raises(CliError) as refused:
        read_yaml(file)
    assert str(refused.value) == f"{file}: is not UTF-8 text; save it as UTF-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_and_without_its_mark(tmp_path: Path, encoding: str) -> None:
    """Some editors put a byte order mark first."""
    file = tmp_path / "config.yaml"
    file.write_bytes(TEXT.encode(encoding))
    assert read_yaml(file) == {"callback": {"retry_times": 1}}

"""The state directory."""

import stat
from pathlib import Path

import pytest
from placet_cli.stack.errors import StackError, StateInUseError
from placet_cli.stack.layout import Layout, write_file


def test_folders_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """Keys and the ledger lie in folders of mode 0700."""
    layout = Layout(tmp_path / "state")
    layout.prepare()

    folders = [layout.state, *(path for path in layout.state.iterdir() if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_a_second_claim_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    """Two stacks never share a state directory; the error names the process that has it."""
    layout = Layout(tmp_path)

    with (
        layout.claimed(),
        pytest.raises(StateInUseError, match=r"is in use by another `placet up` \(process \d+\)"),
        layout.claimed(),
    ):
        pass


def test_a_claim_ends_with_its_block(tmp_path: Path) -> None:
    """After one stack has ended the next one may start."""
    layout = Layout(tmp_path)
    with layout.claimed():
        pass

    with layout.claimed():
        assert (tmp_path / "lock").is_file()


def test_a_state_that_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    """A file in its place, or below a file: one sentence with the path."""
    (tmp_path / "file").touch()

    with pytest.raises(StackError, match=f"^--state {tmp_path}/file cannot be used: File exists$"):
        Layout(tmp_path / "file").claimed().__enter__()
    with pytest.raises(StackError, match=f"^--state {tmp_path}/file/below cannot be used: Not a directory$"):
        Layout(tmp_path / "file" / "below").claimed().__enter__()


def test_a_file_where_a_folder_is_needed_is_named(tmp_path: Path) -> None:
    """The folders below the state are made in its preparation."""
    (tmp_path / "logs").touch()

    with pytest.raises(StackError, match=f"^{tmp_path}/logs cannot be used: File exists$"):
        Layout(tmp_path).prepare()


def test_an_unchanged_file_is_left_alone(tmp_path: Path) -> None:
    """Services watch these files, so writing the same bytes again does not touch them."""
    path = tmp_path / "file"

    assert write_file(path, b"one") is True
    before = path.stat()
    assert write_file(path, b"one") is False
    assert path.stat() == before
    assert write_file(path, b"two") is True
    assert path.read_bytes() == b"two"


def test_a_file_is_private_from_the_first_moment(tmp_path: Path) -> None:
    """A key file is created with its final mode, and nothing partial stays behind."""
    write_file(tmp_path / "key", b"secret")

    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()] == [("key", 0o600)]

"""What is made before the processes start."""

from pathlib import Path

import keys
import pytest
from placet_cli.errors import CliError
from placet_cli.stack.preparation import PinnedNode, parse_node, pin_nodes


def test_a_node_is_a_name_and_its_public_key_file(tmp_path: Path) -> None:
    """NAME=FILE gives the name and the file's content."""
    file = tmp_path / "key.pem"
    file.write_bytes(keys.checker_public_pem())

    assert parse_node(f"treasury-1={file}") == PinnedNode("treasury-1", keys.checker_public_pem())


@pytest.mark.parametrize("option", ["treasury", "treasury=", "=key.pem", "Treasury=key.pem", "a/b=key.pem"])
def test_another_form_is_refused(option: str) -> None:
    """A missing part and a name that no file could have are refused before anything starts."""
    with pytest.raises(CliError, match=r"wanted is NAME=PUBLIC_KEY\.pem"):
        parse_node(option)


def test_the_stand_ins_name_is_taken() -> None:
    """A real node cannot take the published test key's place without notice."""
    with pytest.raises(CliError, match="the name test-node is taken"):
        parse_node("test-node=key.pem")


def test_a_file_without_a_public_key_is_refused(tmp_path: Path) -> None:
    """The file is read and judged at once, and named."""
    file = tmp_path / "key.pem"
    file.write_text("nothing of use")

    with pytest.raises(CliError, match=str(file)):
        parse_node(f"treasury={file}")


def test_a_node_that_is_no_longer_named_is_no_longer_pinned(tmp_path: Path) -> None:
    """The folder holds exactly the nodes of this start."""
    pin_nodes(tmp_path, [PinnedNode("one", b"1"), PinnedNode("two", b"2")])
    pin_nodes(tmp_path, [PinnedNode("two", b"2")])

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"two.pem": b"2"}


def test_two_nodes_of_one_name_are_refused(tmp_path: Path) -> None:
    """The second would silently take the first one's place."""
    with pytest.raises(CliError, match="two nodes have the same name"):
        pin_nodes(tmp_path, [PinnedNode("one", b"1"), PinnedNode("one", b"2")])

"""Everything the processes need on disk: certificates, keys, pinned nodes. What is there and still good is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from placet_callback.token import KeyFileError, load_public_keys

from placet_cli.stack.errors import StackError
from placet_cli.stack.layout import write_file

# As the services read the names of the files in their nodes folder.
_NODE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class PinnedNode:
    """A node whose requests are answered: its name, and its public keys as the node prints them (PEM)."""

    name: str
    public_keys: bytes


def parse_node(option: str) -> PinnedNode:
    """Read one `NAME=PUBLIC_KEY.pem`.

    Raises:
        StackError: the form, the name or the file is wrong.
    """
    name, equals, file = option.partition("=")
    if not equals or not file or not _NODE_NAME.fullmatch(name):
        raise StackError(
            f"--node {option}: NAME=PUBLIC_KEY.pem is wanted, NAME being lower case letters, digits, dots, dashes"
        )
    try:
        pem = Path(file).read_bytes()
        load_public_keys(pem)
    except OSError as e:
        raise StackError(f"--node {option}: {file} cannot be read: {e.strerror}") from e
    except KeyFileError as e:
        raise StackError(f"--node {option}: {file} is not a node's public key: {e}") from e
    return PinnedNode(name, pem)


def pin_nodes(folder: Path, nodes: Mapping[str, PinnedNode]) -> None:
    """Make the folder hold exactly these nodes: one that is not named any more is not answered any more."""
    for path in folder.glob("*.pem"):
        if path.stem not in nodes:
            path.unlink()
    for name, node in nodes.items():
        write_file(folder / f"{name}.pem", node.public_keys, mode=0o644)

"""The nodes' public keys: a folder with one ``<node>.pem`` for each node, several keys in it while one is rotated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_callback.token import KeyFileError, Node, load_public_keys, node_set

from placet_policy.reload import Contents, FilesInvalid, Reloaded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from placet_policy.metrics import Metrics

_SUFFIX = ".pem"


def node_keys(directory: Path, *, metrics: Metrics) -> Reloaded[tuple[Node, ...]]:
    """Return the nodes of a folder, kept up to date.

    Raises:
        FilesInvalid: no folder, no file in it, a file that is not named ``<node>.pem``, a name that no node can have,
            or a file that is no public key.
    """
    return Reloaded(
        what="nodes",
        read=lambda: _read(directory),
        parse=lambda contents: _parse(contents, directory),
        metrics=metrics,
    )


def load_nodes(directory: Path) -> tuple[Node, ...]:
    """Return the nodes of a folder as it is now.

    Raises:
        FilesInvalid: as ``node_keys``.
    """
    return _parse(_read(directory), directory)


def _read(directory: Path) -> Contents:
    try:
        # Hidden names are how Kubernetes keeps the versions of a mounted folder. Any other name must be a node's, as at
        # the edge: a key that is passed over because its file is misnamed would be missed only when the node asks.
        files = sorted(path for path in directory.iterdir() if not path.name.startswith("."))
        strangers = [path for path in files if path.suffix != _SUFFIX]
        if strangers:
            raise FilesInvalid(str(strangers[0]), "not named <node>.pem")
        return {path.name: path.read_bytes() for path in files}
    except OSError as error:
        raise FilesInvalid(str(error.filename or directory), error.strerror or type(error).__name__) from error


def _parse(contents: Mapping[str, bytes], directory: Path) -> tuple[Node, ...]:
    nodes = [_node(directory / name, pem) for name, pem in contents.items()]
    try:
        return node_set(nodes)
    except ValueError as error:
        raise FilesInvalid(str(directory), str(error)) from error


def _node(path: Path, pem: bytes) -> Node:
    try:
        return Node(name=path.name.removesuffix(_SUFFIX), keys=load_public_keys(pem))
    except KeyFileError as error:
        raise FilesInvalid(str(path), error.reason) from error
    except ValueError as error:
        raise FilesInvalid(str(path), str(error)) from error

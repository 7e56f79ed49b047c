"""The nodes' public keys: a file a node, several keys in it while one is rotated."""

from pathlib import Path

import pytest
from keys import checker_private_pem, checker_public_pem, server_public_pem
from placet_policy.keys import node_keys
from placet_policy.metrics import Metrics
from placet_policy.reload import FilesInvalid
from structlog.testing import capture_logs


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """One node, `node-a`, with the checker's key."""
    (tmp_path / "node-a.pem").write_bytes(checker_public_pem())
    return tmp_path


def test_a_file_is_a_node(directory: Path) -> None:
    """The file's name is the node's."""
    (node,) = node_keys(directory, metrics=Metrics()).value
    assert (node.name, len(node.keys)) == ("node-a", 1)


def test_a_file_may_hold_several_keys(directory: Path) -> None:
    """While a key is rotated a node has two."""
    (directory / "node-a.pem").write_bytes(checker_public_pem() + server_public_pem())
    (node,) = node_keys(directory, metrics=Metrics()).value
    assert len(node.keys) == 2


def test_a_new_node_is_seen(directory: Path) -> None:
    """A file that is added is taken without a restart."""
    nodes = node_keys(directory, metrics=Metrics())
    (directory / "node-b.pem").write_bytes(server_public_pem())
    assert nodes.reload() is True
    assert [node.name for node in nodes.value] == ["node-a", "node-b"]


def test_a_swapped_link_is_seen(tmp_path: Path) -> None:
    """Kubernetes swaps a hidden folder behind links; the new content is taken, hidden names are no nodes."""
    for name, pem in (("..one", checker_public_pem()), ("..two", server_public_pem())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "node-a.pem").write_bytes(pem)
    (tmp_path / "..data").symlink_to("..one")
    (tmp_path / "node-a.pem").symlink_to("..data/node-a.pem")
    nodes = node_keys(tmp_path, metrics=Metrics())
    before = nodes.value[0].keys[0].key_id
    (tmp_path / "..new").symlink_to("..two")
    (tmp_path / "..new").rename(tmp_path / "..data")
    assert nodes.reload() is True
    assert nodes.value[0].keys[0].key_id != before


def test_a_file_of_another_name_is_a_bad_change(directory: Path) -> None:
    """A key under a misspelt name would otherwise be missing without anybody noticing; hidden files are no matter."""
    nodes = node_keys(directory, metrics=Metrics())
    (directory / ".node-a.pem.swp").write_bytes(b"x")
    assert nodes.reload() is False
    (directory / "node-b.pub").write_bytes(server_public_pem())
    with capture_logs() as logs:
        assert nodes.reload() is False
    assert [(line["path"], line["reason"]) for line in logs] == [
        (str(directory / "node-b.pub"), "not named <node>.pem")
    ]
    assert [node.name for node in nodes.value] == ["node-a"]


def test_removing_the_last_node_keeps_it(directory: Path) -> None:
    """Empty means no: a folder that becomes empty is a bad change."""
    nodes = node_keys(directory, metrics=Metrics())
    (directory / "node-a.pem").unlink()
    assert nodes.reload() is False
    assert [node.name for node in nodes.value] == ["node-a"]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({}, ""),
        ({".node-a.pem": checker_public_pem()}, ""),
        ({"node-a.pem": checker_public_pem(), "notes.txt": b"x"}, "notes.txt"),
        ({"node-a.pem": checker_public_pem(), "node-a.pem~": checker_public_pem()}, "node-a.pem~"),
        ({"node-a.pem": b""}, "node-a.pem"),
        ({"node-a.pem": checker_private_pem()}, "node-a.pem"),
        ({"Node A.pem": checker_public_pem()}, "Node A.pem"),
        ({"node-a.pem": checker_public_pem(), "node-b.pem": checker_public_pem()}, ""),
    ],
    ids=["empty", "hidden", "notes", "editor's copy", "empty file", "private key", "name", "one key twice"],
)
def test_unusable_folders_stop_the_start(tmp_path: Path, files: dict[str, bytes], path: str) -> None:
    """No node, no key, a private key, an impossible name, one key under two nodes: each names the file or folder."""
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FilesInvalid) as refused:
        node_keys(tmp_path, metrics=Metrics())
    assert refused.value.path == str(tmp_path / path)


def test_a_missing_folder_stops_the_start(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(FilesInvalid) as refused:
        node_keys(tmp_path / "missing", metrics=Metrics())
    assert refused.value.path == str(tmp_path / "missing")

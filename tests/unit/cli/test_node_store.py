"""The folder of a stand-in node."""

import stat
from pathlib import Path

import keys
import pytest
from placet_callback.token import load_public_keys
from placet_cli.errors import CliError
from placet_cli.node.check import check_config, load_config
from placet_cli.node.config import CONFIG_PATH
from placet_cli.node.store import create_node, node_key, node_key_files, server_key_names


def test_the_folder_is_laid_out_as_the_nodes_package_unpacks(tmp_path: Path) -> None:
    """The configuration has the documented name, and the private key is its owner's alone."""
    made = create_node(tmp_path / "new", key=keys.checker_private())
    assert made == tmp_path / "new" / "cobo-tss-node-generic"
    files = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
    assert files == [
        "configs/cobo-tss-node-config.yaml",
        "db/tss-node-callback-pri.pem",
        "db/tss-node-callback-pub.key",
    ]
    assert stat.S_IMODE((made / "db/tss-node-callback-pri.pem").stat().st_mode) == 0o600


def test_the_configuration_is_complete_but_for_the_servers_key(tmp_path: Path) -> None:
    """With the key copied, nothing is to be said about it, and it has the documentation's values."""
    made = create_node(tmp_path, key=keys.checker_private())
    missing = check_config(made / CONFIG_PATH).findings
    assert [(finding.path, finding.message.rpartition("/")[2]) for finding in missing] == [
        ("callback.cb_server_v2[0].pubkey_path", "callback-server-pub.key: No such file or directory")
    ]
    (made / "configs/callback-server-pub.key").write_bytes(keys.server_public_pem())
    assert check_config(made / CONFIG_PATH).findings == ()
    config = load_config(made / CONFIG_PATH)
    assert [server.service_address for server in config.servers] == ["https://127.0.0.1:11020/v2/check"]
    assert (config.retry_times, config.sleep_seconds, config.request_timeout) == (60, 60, 10)


def test_several_servers_have_a_key_file_each(tmp_path: Path) -> None:
    """Numbered as in the documentation's example."""
    addresses = ["https://a.example.com/v2/check", "https://b.example.com/v2/check"]
    made = create_node(tmp_path, service_addresses=addresses, key=keys.checker_private())
    for name, pem in zip(server_key_names(2), (keys.server_public_pem(), keys.checker_public_pem()), strict=True):
        (made / "configs" / name).write_bytes(pem)
    config = load_config(made / CONFIG_PATH)
    assert [server.service_address for server in config.servers] == addresses
    assert server_key_names(2) == ["callback-server-pub-01.key", "callback-server-pub-02.key"]


def test_the_key_is_read_back(tmp_path: Path) -> None:
    """The pair on disk is the one that was given."""
    made = create_node(tmp_path, key=keys.checker_private())
    (public,) = load_public_keys(node_key_files(made).public.read_bytes())
    assert node_key(made).private_numbers() == keys.checker_private().private_numbers()
    assert public.key_id == keys.checker_public().key_id


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    """A second init stops at the configuration, and without that at the key."""
    made = create_node(tmp_path, key=keys.checker_private())
    with pytest.raises(CliError, match=r"cobo-tss-node-config\.yaml: is there already and is never overwritten"):
        create_node(tmp_path, key=keys.server_private())
    (made / CONFIG_PATH).unlink()
    with pytest.raises(CliError, match=r"tss-node-callback-pri\.pem: is there already and is never overwritten"):
        create_node(tmp_path, key=keys.server_private())
    with pytest.raises(CliError, match=r"tss-node-callback-pri\.pem: is there already and is never overwritten"):
        create_node(tmp_path)
    assert node_key(made).private_numbers() == keys.checker_private().private_numbers()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "cobo-tss-node-generic").write_text("")
    with pytest.raises(CliError, match="cobo-tss-node-generic/configs: Not a directory"):
        create_node(tmp_path, key=keys.checker_private())

"""`placet node`: what the commands say and how they end; what a server answers is proved in tests/contract."""

import re
from pathlib import Path

import keys
import pytest
from placet_callback.token import load_private_key, load_public_keys
from placet_cli.__main__ import app
from placet_cli.node.config import CONFIG_PATH
from placet_cli.node.store import create_node
from typer.testing import CliRunner, Result

RUNNER = CliRunner()
ADDRESS = "http://127.0.0.1:1/v2/check"
"""Port 1 of loopback: nobody listens there."""


def _run(*arguments: str | Path) -> Result:
    return RUNNER.invoke(app, ["node", *map(str, arguments)])


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A stand-in that asks a server which is not there, twice, without a pause."""
    made = create_node(tmp_path, service_addresses=[ADDRESS], key=keys.checker_private())
    (made / "configs/callback-server-pub.key").write_bytes(keys.server_public_pem())
    file = made / CONFIG_PATH
    text = (
        file.read_text().replace("retry_times: 60", "retry_times: 1").replace("sleep_seconds: 60", "sleep_seconds: 0")
    )
    file.write_text(text)
    return made


def test_init_makes_a_node_and_says_what_comes_next(tmp_path: Path) -> None:
    """A new RSA-4096 key, a configuration, and the file that the operator must bring."""
    result = _run("init", tmp_path)
    made = tmp_path / "cobo-tss-node-generic"
    assert result.exit_code == 0
    assert result.stdout == (
        f"{made}/configs/cobo-tss-node-config.yaml: the configuration, with 1 callback server(s)\n"
        f"{made}/db/tss-node-callback-pri.pem: the node's callback key, mode 0600\n"
        f"Next: put the callback server's public key into {made}/configs/callback-server-pub.key\n"
    )
    assert load_private_key((made / "db/tss-node-callback-pri.pem").read_bytes()).key_size == 4096


def test_init_takes_several_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each --server is one entry with a key file of its own."""
    monkeypatch.setattr("placet_cli.new_keys.KEY_BITS", 2048)
    result = _run("init", tmp_path, "--server", "https://a/v2/check", "--server", "https://b/v2/check")
    assert result.exit_code == 0
    assert result.stdout.count("Next: put the callback server's public key into ") == 2


def test_init_never_overwrites(node: Path) -> None:
    """Exit code 1 and the file's name."""
    result = _run("init", node.parent)
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {node}/configs/cobo-tss-node-config.yaml: is there already and is never overwritten\n",
    )


def test_info_prints_the_callback_public_key(node: Path) -> None:
    """The PEM alone on standard output; the node's own line before it on standard error."""
    result = _run("info", "--node", node)
    assert (result.exit_code, result.stdout) == (0, keys.checker_public_pem().decode())
    assert result.stderr.startswith("INFO[20")
    assert result.stderr.endswith("Z] Callback public key:\n")


def test_what_info_prints_altogether_can_be_pinned(node: Path) -> None:
    """An operator who copies the whole output, as a real node prints it, has a usable key file."""
    result = _run("info", "--node", node)
    assert [key.key_id for key in load_public_keys(result.output.encode())] == [keys.checker_public().key_id]


def test_the_node_is_found_from_its_folder_and_from_the_one_above(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the node's own commands are run."""
    for folder in (node, node.parent):
        monkeypatch.chdir(folder)
        assert _run("info").exit_code == 0


@pytest.mark.parametrize("command", [("info",), ("send", "ping_type_only"), ("monitor",)])
def test_without_a_node_the_way_to_one_is_said(command: tuple[str, ...], tmp_path: Path) -> None:
    """Exit code 1."""
    result = _run(*command, "--node", tmp_path)
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {tmp_path}/configs/cobo-tss-node-config.yaml: no such file; `placet node init` makes one\n",
    )


def _without_cause(output: str) -> str:
    """The output with the system's words left out: without a network nothing is even refused."""
    return re.sub(r"(?<=no response: )\[Errno \d+\] [^\n]+", "CAUSE", output)


def test_send_says_each_try_and_that_nothing_was_approved(node: Path) -> None:
    """Two tries at a server that is not there, then exit code 11."""
    result = _run("send", "ping_type_only", "--node", node)
    assert result.exit_code == 11
    assert _without_cause(result.stdout) == (
        "Ping where empty strings were dropped (Go omitempty on the strings) (request_id none)\n"
        f"{ADDRESS} #1: no response: CAUSE\n"
        f"{ADDRESS} #2: no response: CAUSE\n"
        "The node would not execute the task: not approved by all of 1 callback server(s).\n"
    )


def test_send_names_the_request_id_it_used(node: Path) -> None:
    """--request-id is taken as it is."""
    result = _run("send", "keygen_ed25519", "--node", node, "--request-id", "mine")
    assert result.stdout.startswith("Main group key generation, 2-of-3, curve ed25519 (request_id mine)\n")


def test_send_with_a_configuration_that_cannot_be_used_sends_nothing(node: Path) -> None:
    """Exit code 1, not 11: no server was asked."""
    (node / "configs/callback-server-pub.key").unlink()
    result = _run("send", "ping_type_only", "--node", node)
    assert result.exit_code == 1
    assert result.stderr == (
        f"placet: {node}/configs/cobo-tss-node-config.yaml: callback.cb_server_v2[0].pubkey_path:"
        f" {node}/configs/callback-server-pub.key: No such file or directory\n"
    )


def test_send_without_the_nodes_key_sends_nothing(node: Path) -> None:
    """Exit code 1 and the file's name."""
    (node / "db/tss-node-callback-pri.pem").unlink()
    result = _run("send", "ping_type_only", "--node", node)
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        f"placet: {node}/db/tss-node-callback-pri.pem: No such file or directory\n",
    )


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "No such file or directory"), ("no certificate", "holds no certificate")]
)
def test_a_ca_file_that_is_none_is_named(node: Path, content: str | None, problem: str) -> None:
    """Exit code 1, before anything is sent."""
    authority = node / "ca.pem"
    if content is not None:
        authority.write_text(content)
    result = _run("send", "ping_type_only", "--node", node, "--ca", authority)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"placet: {authority}: {problem}\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("send", "ping_type_only", "--reacts", "never"), "'never' is not one of 'close-only', '5xx', 'any'"),
        (("send", "ping_type_only", "--time-scale", "-1"), "must be a number from 0 to 1000"),
        (("monitor", "--time-scale", "nan"), "must be a number from 0 to 1000"),
        (("monitor", "--time-scale", "inf"), "must be a number from 0 to 1000"),
        (("monitor", "--count", "0"), "Input should be greater than or equal to 1"),
        (("monitor", "--form", "full"), "'full' is not one of 'strings', 'objects', 'type-only', 'empty'"),
    ],
)
def test_an_option_out_of_range_is_a_usage_error(arguments: tuple[str, ...], problem: str) -> None:
    """Exit code 2, and the values that there are."""
    result = RUNNER.invoke(app, ["node", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert problem in result.stderr


def test_monitor_counts_its_rounds_and_fails_when_a_ping_was_not_answered(node: Path) -> None:
    """Two rounds, exit code 11."""
    result = _run("monitor", "--node", node, "--count", "2", "--time-scale", "0")
    assert result.exit_code == 11
    assert _without_cause(result.stdout) == (f"{ADDRESS} #1: no response: CAUSE\n{ADDRESS} #2: no response: CAUSE\n")


def test_monitor_without_an_interval_sends_nothing(node: Path) -> None:
    """A node so configured sends no pings."""
    file = node / CONFIG_PATH
    file.write_text(file.read_text().replace("monitor_interval: 1h", "monitor_interval: 0"))
    file.write_text(file.read_text().replace("monitor_interval: 0", 'monitor_interval: "0"'))
    result = _run("monitor", "--node", node)
    assert (result.exit_code, result.stderr) == (
        1,
        "placet: callback.monitor_interval is absent or 0: this node sends no pings\n",
    )

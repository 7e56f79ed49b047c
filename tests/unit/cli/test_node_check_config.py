"""`placet node check-config`: every key of the callback section, and what is said about each."""

from pathlib import Path

import keys
import pytest
from placet_cli.__main__ import app
from placet_cli.errors import CliError
from placet_cli.node.check import check_config, load_config
from placet_cli.node.config import node_directory
from placet_cli.node.findings import Finding, Level
from typer.testing import CliRunner

COMPLETE = """\
env: development
callback:
  cb_server_v2:
    - service_address: https://placet.example.com/v2/check
      pubkey_path: configs/callback-server-pub.key
  token_expire_minutes: 2
  retry_times: 60
  sleep_seconds: 60
  request_timeout: 10
  monitor_interval: 1h
"""
SECOND_SERVER = """\
    - service_address: https://second.example.com/v2/check
      pubkey_path: configs/second.key
"""


class NodeFolder:
    """A node's folder with one callback server's public key."""

    def __init__(self, root: Path) -> None:
        self.configs = root / "configs"
        self.configs.mkdir()
        self.file = self.configs / "cobo-tss-node-config.yaml"
        (self.configs / "callback-server-pub.key").write_bytes(keys.server_public_pem())

    def write(self, text: str) -> Path:
        """Write the configuration."""
        self.file.write_text(text)
        return self.file

    def said(self, text: str) -> list[tuple[str, str, str]]:
        """Check a configuration, and give the findings as level, path and message."""
        return [
            (finding.level.value, finding.path, finding.message) for finding in check_config(self.write(text)).findings
        ]


@pytest.fixture
def node(tmp_path: Path) -> NodeFolder:
    """A node's folder."""
    return NodeFolder(tmp_path)


def _with(old: str, new: str) -> str:
    assert old in COMPLETE
    return COMPLETE.replace(old, new)


def test_a_complete_configuration_has_nothing_said_about_it(node: NodeFolder) -> None:
    """The documentation's example is read as it stands."""
    checked = check_config(node.write(COMPLETE))
    assert checked.findings == ()
    config = checked.config
    assert config is not None
    assert [(server.service_address, server.key.key_id) for server in config.servers] == [
        ("https://placet.example.com/v2/check", keys.server_public().key_id)
    ]
    assert (config.token_expire_minutes, config.retry_times, config.sleep_seconds) == (2, 60, 60)
    assert (config.request_timeout, config.monitor_interval) == (10, 3600.0)


def test_several_servers_keep_their_order(node: NodeFolder) -> None:
    """Each has its own key."""
    (node.configs / "second.key").write_bytes(keys.checker_public_pem())
    config = load_config(node.write(_with("  token_expire_minutes", SECOND_SERVER + "  token_expire_minutes")))
    assert [server.service_address for server in config.servers] == [
        "https://placet.example.com/v2/check",
        "https://second.example.com/v2/check",
    ]


def test_other_sections_are_left_alone(node: NodeFolder) -> None:
    """Whatever stands in `event`, `log` or `embedded_risk_control_rules` is not ours to judge."""
    assert node.said(COMPLETE + "event:\n  nonsense: 1\nembedded_risk_control_rules:\n  enable: maybe\n") == []


def test_an_unknown_key_in_callback_is_warned_about(node: NodeFolder) -> None:
    """The v1 page's `retry_time` is such a key."""
    assert node.said(_with("  retry_times: 60", "  retry_times: 60\n  retry_time: 5")) == [
        ("warning", "callback.retry_time", "is not a documented key; the stand-in ignores it")
    ]


def test_an_unknown_key_of_a_server_is_warned_about(node: NodeFolder) -> None:
    """With its place in the list."""
    assert node.said(_with("      pubkey_path", "      pub_key_path: x\n      pubkey_path")) == [
        ("warning", "callback.cb_server_v2[0].pub_key_path", "is not a documented key; the stand-in ignores it")
    ]


def test_cb_server_is_named_as_not_served(node: NodeFolder) -> None:
    """Requests of format v1 would reach nobody who understands them."""
    v1 = "callback:\n  cb_server:\n    - service_address: https://a.example/v1/check\n      pubkey_path: a.key\n"
    ((level, path, message),) = node.said(_with("callback:\n", v1))
    assert (level, path) == ("warning", "callback.cb_server")
    assert message == (
        "lists servers for requests of format v1, which Placet does not serve yet; the stand-in does not ask them."
        " Use cb_server_v2"
    )


def test_retry_times_0_is_explained(node: NodeFolder) -> None:
    """Its meaning differs between releases; the stand-in asks once."""
    ((level, path, message),) = node.said(_with("retry_times: 60", "retry_times: 0"))
    assert (level, path) == ("warning", "callback.retry_times")
    assert message == (
        "0 is ambiguous: releases before v0.11.1 asked again without end, later ones do not ask again at all, and for"
        " events 0 means without limit; write the number you mean. The stand-in asks once"
    )
    assert load_config(node.file).retry_times == 0


@pytest.mark.parametrize(
    ("line", "path", "default"),
    [
        ("  token_expire_minutes: 2\n", "callback.token_expire_minutes", 2),
        ("  retry_times: 60\n", "callback.retry_times", 60),
        ("  sleep_seconds: 60\n", "callback.sleep_seconds", 60),
        ("  request_timeout: 10\n", "callback.request_timeout", 10),
    ],
)
def test_an_absent_number_is_noted_with_what_stands_for_it(
    node: NodeFolder, line: str, path: str, default: int
) -> None:
    """The documentation states no default for callbacks."""
    assert node.said(_with(line, "")) == [
        ("note", path, f"is absent and its default is not documented for callbacks; the stand-in takes {default}")
    ]


@pytest.mark.parametrize("value", ["-1", '"60"', "1.5", "yes", "[60]", "1000001", "1_0.0"])
@pytest.mark.parametrize(
    ("key", "smallest"), [("token_expire_minutes: 2", 1), ("sleep_seconds: 60", 0), ("request_timeout: 10", 1)]
)
def test_a_number_must_be_a_whole_one_in_range(node: NodeFolder, key: str, smallest: int, value: str) -> None:
    """Text, fractions, booleans, lists and numbers out of range are errors."""
    name = key.partition(":")[0]
    assert (
        "error",
        f"callback.{name}",
        f"must be a whole number from {smallest} to 1000000",
    ) in node.said(_with(key, f"{name}: {value}"))


@pytest.mark.parametrize("key", ["token_expire_minutes: 2", "request_timeout: 10"])
def test_zero_is_no_life_and_no_timeout(node: NodeFolder, key: str) -> None:
    """A token that lives 0 minutes or an answer awaited 0 s would never do."""
    name = key.partition(":")[0]
    assert node.said(_with(key, f"{name}: 0")) == [
        ("error", f"callback.{name}", "must be a whole number from 1 to 1000000")
    ]


def test_a_timeout_below_placets_own_is_warned_about(node: NodeFolder) -> None:
    """The node would hang up before Placet answers."""
    assert node.said(_with("request_timeout: 10", "request_timeout: 7")) == [
        (
            "warning",
            "callback.request_timeout",
            "is not above the 7 s that Placet gives itself for an answer; raise it or lower PLACET_EDGE_BUDGET_SECONDS",
        )
    ]


def test_a_token_that_lives_longer_than_placet_accepts_is_warned_about(node: NodeFolder) -> None:
    """Every request would be answered with status 20."""
    ((level, path, message),) = node.said(_with("token_expire_minutes: 2", "token_expire_minutes: 16"))
    assert (level, path) == ("warning", "callback.token_expire_minutes")
    assert message.startswith("is more than the 15 min that Placet accepts by default;")


@pytest.mark.parametrize(
    "line", ["", '  monitor_interval: ""\n', "  monitor_interval:\n"], ids=["absent", "empty", "null"]
)
def test_without_an_interval_there_are_no_pings(node: NodeFolder, line: str) -> None:
    """Absent, empty and null are off, and it is noted."""
    text = _with("  monitor_interval: 1h\n", line)
    assert node.said(text) == [("note", "callback.monitor_interval", "is absent: the node sends no pings")]
    assert load_config(node.file).monitor_interval is None


def test_an_interval_of_0_is_off(node: NodeFolder) -> None:
    """Pings without a pause are nobody's wish."""
    assert load_config(node.write(_with("monitor_interval: 1h", "monitor_interval: 0s"))).monitor_interval is None


@pytest.mark.parametrize(("value", "shown"), [("60", "60"), ("1d", "1d"), ("[1h]", "['1h']")])
def test_an_interval_without_a_go_unit_is_an_error(node: NodeFolder, value: str, shown: str) -> None:
    """A bare number is nanoseconds to some readers and seconds to others."""
    said = node.said(_with("monitor_interval: 1h", f"monitor_interval: {value}"))
    assert said == [("error", "callback.monitor_interval", f"{shown!r} is not a duration such as 30s, 5m or 1h")]


def test_without_servers_the_node_would_ask_nobody(node: NodeFolder) -> None:
    """An empty list, null and a text are all no list of servers."""
    for value in ("[]", "", "x"):
        said = node.said(f"callback:\n  cb_server_v2: {value}\n")
        assert said[0] == (
            "error",
            "callback.cb_server_v2",
            "lists no server: the node would execute every task without asking anyone",
        )


@pytest.mark.parametrize("text", ["env: development\n", "callback:\n", "callback: x\n", "- callback\n", ""])
def test_without_a_callback_section_the_node_would_ask_nobody(node: NodeFolder, text: str) -> None:
    """Whatever the file is instead."""
    assert node.said(text) == [
        ("error", "callback", "is missing: the node would execute every task without asking anyone")
    ]


def test_an_entry_that_is_no_mapping_is_an_error(node: NodeFolder) -> None:
    """A bare address in the list has no key."""
    assert node.said(_with("  token_expire_minutes", "    - https://x\n  token_expire_minutes")) == [
        ("error", "callback.cb_server_v2[1]", "must have service_address and pubkey_path")
    ]


@pytest.mark.parametrize(
    "address",
    [
        "placet.example.com/v2/check",
        "ftp://placet/v2/check",
        "https://",
        "https://x:99999/v2/check",
        "5",
        '"https://a b/v2/check"',
    ],
)
def test_an_address_must_be_an_http_url(node: NodeFolder, address: str) -> None:
    """Without scheme, with another one, without host, with an impossible port or a space."""
    assert node.said(_with("https://placet.example.com/v2/check", address)) == [
        (
            "error",
            "callback.cb_server_v2[0].service_address",
            "must be the URL of a callback server, such as https://placet.example.com/v2/check",
        )
    ]


def test_plain_http_is_warned_about_except_on_loopback(node: NodeFolder) -> None:
    """Loopback never leaves the machine."""
    warned = node.said(_with("https://placet.example.com", "http://placet.example.com"))
    assert warned == [
        (
            "warning",
            "callback.cb_server_v2[0].service_address",
            "is plain http: others on the way can read each request, though not change it",
        )
    ]
    assert node.said(_with("https://placet.example.com", "http://127.0.0.1:11020")) == []


def test_another_path_is_warned_about(node: NodeFolder) -> None:
    """Placet serves /v2/check and nothing else."""
    assert node.said(_with("/v2/check", "/v1/check")) == [
        (
            "warning",
            "callback.cb_server_v2[0].service_address",
            "does not end in /v2/check, the only path that Placet serves",
        )
    ]


def test_an_unreadable_key_file_is_named(node: NodeFolder) -> None:
    """With the path that was tried, from the folder above configs."""
    key = node.configs / "callback-server-pub.key"
    key.unlink()
    assert node.said(COMPLETE) == [
        ("error", "callback.cb_server_v2[0].pubkey_path", f"{key}: No such file or directory")
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (keys.server_private_pem(), "this is a private key; it must not lie where a public key belongs"),
        (keys.server_public_pem() + keys.checker_public_pem(), "holds 2 keys where one is expected"),
        (b"hello", "the file has no public key in PEM form"),
        (b"", "the file is empty"),
    ],
    ids=["private", "two", "text", "empty"],
)
def test_a_key_file_that_is_none_is_named(node: NodeFolder, content: bytes, problem: str) -> None:
    """The file and the reason."""
    key = node.configs / "callback-server-pub.key"
    key.write_bytes(content)
    assert node.said(COMPLETE) == [("error", "callback.cb_server_v2[0].pubkey_path", f"{key}: {problem}")]


def test_an_absent_key_path_is_an_error(node: NodeFolder) -> None:
    """A server without a key could be anyone."""
    assert node.said(_with("      pubkey_path: configs/callback-server-pub.key\n", "")) == [
        ("error", "callback.cb_server_v2[0].pubkey_path", "must name the file with that server's public key")
    ]


def test_twins_are_warned_about(node: NodeFolder) -> None:
    """One server named twice is one opinion, and one key for two servers lets each answer for the other."""
    entry = COMPLETE[COMPLETE.index("    - service") : COMPLETE.index("  token_expire")]
    assert node.said(COMPLETE.replace(entry, entry + entry)) == [
        ("warning", "callback.cb_server_v2", "names one address twice"),
        ("warning", "callback.cb_server_v2", "has one key for two servers: each could answer for the other"),
    ]


def test_all_errors_are_found_at_once(node: NodeFolder) -> None:
    """Nobody mends a file one error at a time, and load_config names them all."""
    text = "callback:\n  cb_server_v2: []\n  retry_times: -1\n  monitor_interval: 60\n"
    errors = [path for level, path, _ in node.said(text) if level == "error"]
    assert errors == ["callback.cb_server_v2", "callback.retry_times", "callback.monitor_interval"]
    with pytest.raises(CliError) as refused:
        load_config(node.file)
    assert [part.split(": ")[-2] for part in str(refused.value).split("; ")[1:2]] == ["callback.retry_times"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (COMPLETE + "callback:\n  cb_server_v2: []\n", "duplicate key 'callback' in line 11"),
        (_with("  retry_times: 60", "  retry_times: 60\n  retry_times: 1"), "duplicate key 'retry_times' in line 8"),
        ("callback: [", "expected the node content, but found '<stream end>' (line 1)"),
        ("callback: !!python/object:os.system {}\n", "could not determine a constructor for the tag"),
        ("a: &a [*a, *a]\nb: \x00", "not YAML"),
        ("? [callback]\n: x\n", "found unhashable key (line 1)"),
    ],
    ids=["section-twice", "key-twice", "unfinished", "tag", "control-character", "list-as-key"],
)
def test_what_is_no_yaml_or_has_a_key_twice_is_refused(node: NodeFolder, text: str, problem: str) -> None:
    """PyYAML alone would keep the last of two keys in silence."""
    with pytest.raises(CliError) as refused:
        check_config(node.write(text))
    assert str(refused.value).startswith(f"{node.file}: {problem}")


def test_a_huge_file_is_refused(node: NodeFolder) -> None:
    """A configuration has no megabytes."""
    with pytest.raises(CliError, match="larger than 1 MiB"):
        check_config(node.write("#" * (1024 * 1024 + 1)))


def test_a_deep_file_is_refused(node: NodeFolder) -> None:
    """Nesting without end does not end the program with a traceback."""
    with pytest.raises(CliError, match="not YAML"):
        check_config(node.write("[" * 100_000))


def test_paths_start_above_configs_or_beside_the_file(tmp_path: Path) -> None:
    """A file outside a configs folder has its keys beside it."""
    assert node_directory(tmp_path / "configs" / "c.yaml") == tmp_path
    assert node_directory(tmp_path / "c.yaml") == tmp_path


def test_only_an_error_is_an_error() -> None:
    """Warnings and notes do not stop the stand-in."""
    assert [Finding(level, "p", "m").is_error for level in Level] == [True, False, False]


def test_the_command_says_each_finding_and_the_verdict(node: NodeFolder) -> None:
    """Exit code 0 with warnings."""
    file = node.write(_with("retry_times: 60", "retry_times: 60\n  retry_time: 5"))
    result = CliRunner().invoke(app, ["node", "check-config", str(file)])
    assert result.exit_code == 0
    assert result.stdout == (
        "warning: callback.retry_time: is not a documented key; the stand-in ignores it\n"
        f"{file}: 1 callback server(s), all of which must approve\n"
    )


def test_the_command_fails_on_an_error(node: NodeFolder) -> None:
    """Exit code 1."""
    file = node.write(_with("retry_times: 60", "retry_times: -1"))
    result = CliRunner().invoke(app, ["node", "check-config", str(file)])
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "error: callback.retry_times: must be a whole number from 0 to 1000000\n",
        f"placet: {file}: cannot be used\n",
    )


def test_the_command_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Exit code 1 and one line."""
    result = CliRunner().invoke(app, ["node", "check-config", str(tmp_path / "no.yaml")])
    assert (result.exit_code, result.stderr) == (1, f"placet: {tmp_path}/no.yaml: No such file or directory\n")

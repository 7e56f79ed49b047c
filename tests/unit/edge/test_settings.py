"""settings.py: read once, complete, and wrong ones named."""

import json
from pathlib import Path

import pytest
from placet_edge.errors import SettingsError
from placet_edge.settings import Settings, load_settings

NEEDED = {
    "PLACET_EDGE_HOST": "127.0.0.1",
    "PLACET_EDGE_SERVER_KEY_FILE": "/keys/server.pem",
    "PLACET_EDGE_NODES_DIR": "/keys/nodes",
    "PLACET_EDGE_POLICY_TARGET": "127.0.0.1:11030",
}


def load(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    """Load with the needed settings and these changes, in an otherwise clean environment."""
    environ = NEEDED | {f"PLACET_EDGE_{name}": value for name, value in changes.items()}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return load_settings(environ)


def problems(monkeypatch: pytest.MonkeyPatch, **changes: str) -> tuple[str, ...]:
    """The problems of settings that must not load."""
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **changes)
    return caught.value.problems


def test_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an operator who says nothing gets."""
    settings = load(monkeypatch)
    assert (settings.port, settings.internal_port, settings.budget_seconds) == (11020, 11021, 7.0)
    assert (settings.no_decision, settings.bad_token, settings.ping_action) == ("close", "answer", "none")
    assert (settings.response_form, settings.issuer, settings.response_minutes) == ("text", "callback-server", 2)
    assert (settings.max_body_bytes, settings.max_header_bytes, settings.max_concurrency) == (1_572_864, 16_384, 256)
    assert (settings.audience, settings.plaintext, settings.refuse_unknown_fields) == (None, False, False)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty environment is three problems, each with its name; an empty value counts as missing."""
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError) as caught:
        load_settings({})
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "PLACET_EDGE_SERVER_KEY_FILE",
        "PLACET_EDGE_NODES_DIR",
        "PLACET_EDGE_POLICY_TARGET",
    ]
    assert problems(monkeypatch, NODES_DIR="")[0].startswith("PLACET_EDGE_NODES_DIR: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("BUDGET_SECONDS", "0"),
        ("BUDGET_SECONDS", "nan"),
        ("NO_DECISION", "hang"),
        ("PLAINTEXT", "perhaps"),
        ("MAX_CONCURRENCY", "0"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_what_is_malformed_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One problem, beginning with the setting's name."""
    (problem,) = problems(monkeypatch, **{name: value})
    assert problem.startswith(f"PLACET_EDGE_{name}: ")
    assert f"'{value}'" not in problem


def test_what_is_unknown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name is not silently the default."""
    assert problems(monkeypatch, BUDGET_SECOND="9") == ("PLACET_EDGE_BUDGET_SECOND: no such setting",)


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"HOST": "0.0.0.0"}, "PLACET_EDGE_TLS_CERT_FILE and TLS_KEY_FILE: needed"),
        ({"HOST": "edge.example"}, "PLACET_EDGE_TLS_CERT_FILE and TLS_KEY_FILE: needed"),
        ({"TLS_CERT_FILE": "/c"}, "PLACET_EDGE_TLS_CERT_FILE and TLS_KEY_FILE: give both"),
        ({"TLS_CERT_FILE": "/c", "TLS_KEY_FILE": "/k", "PLAINTEXT": "true"}, "PLACET_EDGE_PLAINTEXT: "),
        ({"POLICY_CA_FILE": "/ca"}, "PLACET_EDGE_POLICY_CA_FILE, "),
        ({"POLICY_TARGET": "dns:///policy:11030"}, "PLACET_EDGE_POLICY_CA_FILE, "),
        ({"POLICY_TARGET": "10.0.0.1:11030"}, "PLACET_EDGE_POLICY_CA_FILE, "),
        ({"POLICY_TARGET": "ipv4:127.0.0.1:11030,10.0.0.1:11030"}, "PLACET_EDGE_POLICY_CA_FILE, "),
        ({"POLICY_TARGET": "unix:/run/127.0.0.1"}, "PLACET_EDGE_POLICY_CA_FILE, "),
        ({"UNREADY_SECONDS": "20"}, "PLACET_EDGE_UNREADY_SECONDS: "),
    ],
)
def test_settings_that_do_not_go_together_are_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], start: str
) -> None:
    """Plain HTTP and plain gRPC beyond loopback, and half-given files, stop the start."""
    (problem,) = problems(monkeypatch, **changes)
    assert problem.startswith(start)


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:1",
        "localhost:1",
        "dns:///localhost:1",
        "ipv4:127.0.0.1:1",
        "ipv4:127.0.0.1:1,127.0.0.2:1",
        "ipv6:[::1]:1,[::1]:2",
        "[::1]:1",
        "dns:///127.0.0.1:1",
    ],
)
def test_loopback_targets_may_be_plain(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """A policy tier on the same machine may be asked in plaintext."""
    assert load(monkeypatch, POLICY_TARGET=target).policy_mtls is False


def test_plain_http_beyond_loopback_must_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """PLAINTEXT=true allows it."""
    assert load(monkeypatch, HOST="0.0.0.0", PLAINTEXT="true").tls is False


def test_a_file_can_hold_settings_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names in the file are lower case without prefix."""
    path = tmp_path / "edge.json"
    path.write_text(json.dumps({"budget_seconds": 3.5, "port": 1}), encoding="utf-8")
    settings = load(monkeypatch, CONFIG_FILE=str(path), PORT="2")
    assert (settings.budget_seconds, settings.port) == (3.5, 2)


@pytest.mark.parametrize(
    ("content", "start"),
    [
        ('{"colour": 1}', "PLACET_EDGE_COLOUR: "),
        ('{"port": 1, "port": 2}', "PLACET_EDGE_CONFIG_FILE: "),
        ("[]", "PLACET_EDGE_CONFIG_FILE: "),
        ("port: 1", "PLACET_EDGE_CONFIG_FILE: "),
    ],
)
def test_a_bad_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, start: str) -> None:
    """Unknown names, duplicate names and what is no JSON object stop the start."""
    path = tmp_path / "edge.json"
    path.write_text(content, encoding="utf-8")
    (problem,) = problems(monkeypatch, CONFIG_FILE=str(path))
    assert problem.startswith(start)


def test_a_file_that_is_not_there_is_no_bad_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system's reason is given: somebody who mistyped a path need not look for a syntax error."""
    missing = tmp_path / "none.json"
    (problem,) = problems(monkeypatch, CONFIG_FILE=str(missing))
    assert problem == f"PLACET_EDGE_CONFIG_FILE: {missing}: cannot be read: No such file or directory"

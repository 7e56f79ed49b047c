"""The policy tier's settings: what is unknown or malformed stops the start and is named."""

import json
from pathlib import Path

import pytest
from placet_policy.settings import Settings, SettingsInvalid, load_settings

NEEDED = {
    "PLACET_POLICY_NODES_DIR": "/nodes",
    "PLACET_POLICY_BUNDLE_DIR": "/bundle",
    "PLACET_POLICY_LEDGER_URL": "sqlite:////ledger.sqlite",
}
PLAIN = {**NEEDED, "PLACET_POLICY_HOST": "127.0.0.1"}
TLS = {
    "PLACET_POLICY_TLS_CERT_FILE": "/c.pem",
    "PLACET_POLICY_TLS_KEY_FILE": "/k.pem",
    "PLACET_POLICY_CLIENT_CA_FILE": "/ca.pem",
    "PLACET_POLICY_CLIENT_SAN": "placet-edge",
}


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    """What is wrong with an environment."""
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(environ)
    return refused.value.problems


def test_defaults() -> None:
    """Everything but folders and ledger has a default; unsigned releases are refused by default."""
    settings = load_settings({**NEEDED, **TLS})
    assert (settings.host, settings.port, settings.internal_port) == ("0.0.0.0", 11030, 11031)
    assert (settings.unsigned, settings.stop_file, settings.audience) == ("refuse", None, None)
    assert (settings.evaluation_seconds, settings.drain_seconds) == (6.0, 20.0)
    assert settings.tls is True


def test_a_password_in_the_ledger_url_is_never_shown() -> None:
    """Neither the settings nor a complaint about them repeat it."""
    url = "postgresql://user:hunter2@host/db"
    assert "hunter2" not in repr(load_settings({**PLAIN, "PLACET_POLICY_LEDGER_URL": url}))
    both = {**PLAIN, "PLACET_POLICY_LEDGER_URL": url, "PLACET_POLICY_LEDGER_PASSWORD_FILE": "/password"}
    assert problems(both) == ("PLACET_POLICY_LEDGER_PASSWORD_FILE: the password is in the URL and in a file",)
    assert "hunter2" not in "".join(problems({**PLAIN, "PLACET_POLICY_LEDGER_URL": f"{url}?x=1"}))


def test_values_come_from_the_environment() -> None:
    """A variable sets what its name says."""
    settings = load_settings({**PLAIN, "PLACET_POLICY_PORT": "0", "PLACET_POLICY_STOP_FILE": "/run/stop"})
    assert (settings.port, settings.stop_file, settings.tls) == (0, Path("/run/stop"), False)


def test_other_programs_variables_are_left_alone() -> None:
    """Only names with our prefix are ours."""
    assert isinstance(load_settings({**PLAIN, "PATH": "/bin", "PLACET_EDGE_X": "1"}), Settings)


def test_an_empty_variable_is_not_set() -> None:
    """An empty value is the default."""
    assert load_settings({**PLAIN, "PLACET_POLICY_AUDIENCE": ""}).audience is None


def test_every_problem_is_named_at_once() -> None:
    """Unknown, missing and malformed settings are each one line with the name."""
    found = problems(
        {
            "PLACET_POLICY_HOST": "127.0.0.1",
            "PLACET_POLICY_NODES_DIR": "/nodes",
            "PLACET_POLICY_LEDGER_URL": "postgresql://host/db",
            "PLACET_POLICY_PORT": "many",
            "PLACET_POLICY_UNSINGED": "accept",
        }
    )
    assert sorted(line.split(":")[0] for line in found) == [
        "PLACET_POLICY_BUNDLE_DIR",
        "PLACET_POLICY_LEDGER_URL",
        "PLACET_POLICY_PORT",
        "PLACET_POLICY_UNSINGED",
    ]
    assert "PLACET_POLICY_UNSINGED: unknown setting" in found


def test_a_malformed_value_is_not_repeated() -> None:
    """The message names the setting and not the value, which could be a secret in the wrong place."""
    assert "hunter2" not in "".join(problems({**PLAIN, "PLACET_POLICY_PORT": "hunter2"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("EVALUATION_SECONDS", "0"),
        ("EVALUATION_SECONDS", "nan"),
        ("EVALUATION_SECONDS", "inf"),
        ("UNSIGNED", "yes"),
        ("OPA_URL", "https://127.0.0.1:8181"),
        ("OPA_URL", "http://opa.example:8181"),
        ("OPA_URL", "http://127.0.0.1:8181/v1"),
        ("LOG_LEVEL", "verbose"),
        ("TOKEN_MAX_LIFETIME_SECONDS", "1e9"),
        ("LEDGER_URL", "sqlite:///"),
        ("LEDGER_URL", "postgresql+psycopg2://user@host/db"),
        ("LEDGER_URL", "postgresql://user@host/db?sslmodus=x"),
        ("LEDGER_PASSWORD_FILE", "/password"),
        ("LEDGER_STANDBY", "required"),
        ("LEDGER_STANDBY", "yes"),
        ("LEDGER_MIGRATE", "always"),
        ("LEDGER_HEAD_SECONDS", "0"),
        ("AUDIENCE", " "),
    ],
)
def test_malformed_values_are_refused(name: str, value: str) -> None:
    """Each of these stops the start under its own name."""
    (problem,) = problems({**PLAIN, f"PLACET_POLICY_{name}": value})
    assert problem.startswith(f"PLACET_POLICY_{name}: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "policy.example"])
def test_plaintext_is_for_loopback_only(host: str) -> None:
    """Without TLS the server listens on no other address, and no setting changes that."""
    (problem,) = problems({**NEEDED, "PLACET_POLICY_HOST": host})
    assert problem == "PLACET_POLICY_HOST: without TLS settings only a loopback address is allowed"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_plaintext_on_loopback_is_allowed(host: str) -> None:
    """Loopback is for development and for tests."""
    assert load_settings({**NEEDED, "PLACET_POLICY_HOST": host}).tls is False


@pytest.mark.parametrize("missing", sorted(TLS))
def test_tls_is_all_or_nothing(missing: str) -> None:
    """Three of the four TLS settings are a mistake, on loopback too."""
    given = {name: value for name, value in TLS.items() if name != missing}
    (problem,) = problems({**PLAIN, **given})
    assert problem == f"{missing}: TLS needs all of its four settings"


def test_the_drain_is_longer_than_its_wait() -> None:
    """Waiting to be noticed is a part of the drain."""
    (problem,) = problems({**PLAIN, "PLACET_POLICY_UNREADY_SECONDS": "5", "PLACET_POLICY_DRAIN_SECONDS": "5"})
    assert problem == "PLACET_POLICY_UNREADY_SECONDS: must be less than PLACET_POLICY_DRAIN_SECONDS"


def test_a_file_gives_settings_and_the_environment_wins(tmp_path: Path) -> None:
    """The file has the same names in lower case without the prefix."""
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"port": 5, "internal_port": 6}))
    environ = {**PLAIN, "PLACET_POLICY_CONFIG_FILE": str(file), "PLACET_POLICY_PORT": "7"}
    settings = load_settings(environ)
    assert (settings.port, settings.internal_port) == (7, 6)


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"port": 1, "port": 2}', b"\xff", None])
def test_a_bad_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing or not a strict JSON object stops the start."""
    file = tmp_path / "policy.json"
    if content is not None:
        file.write_bytes(content)
    (problem,) = problems({**PLAIN, "PLACET_POLICY_CONFIG_FILE": str(file)})
    assert problem.startswith(f"PLACET_POLICY_CONFIG_FILE: {file}: ")


def test_an_unknown_name_in_the_file_is_named(tmp_path: Path) -> None:
    """A misspelt name in the file is reported like one in the environment."""
    file = tmp_path / "policy.json"
    file.write_text('{"prot": 5}')
    (problem,) = problems({**PLAIN, "PLACET_POLICY_CONFIG_FILE": str(file)})
    assert problem == "PLACET_POLICY_PROT: unknown setting"

"""What an OPA that the bench runs sees of the environment of whoever runs the bench."""

import json
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli.policy.opa_run import opa_json, run_opa
from placet_cli.policy.opa_server import serve

MAIN = """package placet.main

decision := {"environment": opa.runtime().env}
"""


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.setenv("OPA_EVAL_FORMAT", "raw")


def test_one_run_sees_a_path_and_nothing_of_ours(tmp_path: Path) -> None:
    """Neither secrets nor OPA_… settings, which would change what it does, reach OPA."""
    arguments = ["eval", "--format", "json", "opa.runtime().env"]

    answer = opa_json(opa_binary(), arguments, cwd=tmp_path)

    assert answer["result"][0]["expressions"][0]["value"].keys() == {"PATH"}


def test_settings_of_a_run_are_added() -> None:
    """What one run needs stands beside the path."""
    done = run_opa(opa_binary(), ["eval", "--format", "values", "opa.runtime().env"], settings={"GOGC": "off"})

    assert json.loads(done.stdout)[0].keys() == {"GOGC", "PATH"}


def test_a_server_sees_a_home_of_its_own(tmp_path: Path) -> None:
    """Cases are decided by an OPA that knows no more of us than a single run."""
    module = tmp_path / "placet" / "main" / "main.rego"
    module.parent.mkdir(parents=True)
    module.write_text(MAIN)

    with serve(opa_binary(), tmp_path) as server:
        seen = server.decide({})["environment"]

    assert seen.keys() == {"HOME", "PATH"}

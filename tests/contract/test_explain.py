"""`python -m placet_policy explain` as tools use it: lines in, lines out, a real OPA that ends with it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bundles
import pytest
from facts_cases import registry_data
from opa_binary import opa_binary
from placet_cli.samples import samples
from placet_policy import private_opa
from placet_policy.explain import main
from placet_policy.gate import parse_bundle

OPEN = bundles.bundle(data={"open": True})


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle that allows every request type, if facts do."""
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(OPEN)
    return path


def command(*arguments: str | Path) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "placet_policy", "explain", *map(str, arguments)]


def line(sample: str, **changes: Any) -> str:
    """A question about a sample."""
    request = dict(next(each for each in samples() if each.id == sample).request)
    decision = {"id": "d", "time": "2026-09-21T14:13:20Z"}
    return json.dumps({"callback_request": {**request, **changes}, "node": "node-a", "decision": decision})


def explain(bundle: Path, lines: list[str]) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and answers."""
    done = subprocess.run(
        command("--bundle", bundle, "--opa", opa_binary()),
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, [json.loads(each) for each in done.stdout.splitlines()]


def test_every_line_is_explained_in_order(bundle: Path) -> None:
    """Facts, input and decision of the service's own judgement, one line out for one line in."""
    code, answers = explain(
        bundle,
        [
            line("keygen_secp256k1"),
            line("keygen_secp256k1", request_type=9),
            line("a62_keysign_empty_objects"),
        ],
    )

    allowed, unknown, empty = answers
    assert code == 0
    assert allowed["decision"] == {
        "id": "d",
        "request_id": next(each for each in samples() if each.id == "keygen_secp256k1").request["request_id"],
        "effect": "ALLOW",
        "reasons": [],
        "revision": parse_bundle(OPEN).revision,
        "version": 0,
    }
    assert allowed["facts"]["status"] == "PROVEN"
    assert allowed["input"]["facts"] == allowed["facts"]
    assert allowed["input"]["decision"] == {"id": "d", "time": "2026-09-21T14:13:20Z", "unix": 1_790_000_000}
    assert (unknown["facts"], unknown["input"], unknown["decision"]["effect"]) == (None, None, "DENY")
    assert [reason["code"] for reason in unknown["decision"]["reasons"]] == ["REQUEST_TYPE_UNKNOWN"]
    assert (empty["facts"]["status"], empty["decision"]["effect"]) == ("UNPROVABLE", "HOLD")
    assert empty["decision"]["reasons"][0]["code"] == "UNPROVABLE_ALLOWED"


SEES_UNKNOWN = f"""{bundles.MAIN}
decision := {{
\t"schema": "placet.decision/v1",
\t"effect": "hold",
\t"reasons": [{{"code": "SEEN", "rule": "main", "message": input.request.extra.tomorrow.word, "remediation": ""}}],
\t"rules_evaluated": data.placet.profiles.request_types[input.request.type].rules,
}} if not data.placet.open
"""


def _said(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(reason["code"], reason["message"]) for reason in answer["decision"]["reasons"]]


def test_an_unknown_field_is_visible_to_rego_and_changes_no_fact(bundle: Path, tmp_path: Path) -> None:
    """It is a declaration like any other: a rule may read it, no proof does, and nothing becomes PROVEN by it."""
    seeing = tmp_path / "seeing.tar.gz"
    seeing.write_bytes(bundles.bundle(main=SEES_UNKNOWN, data={"open": False}))
    unknown = {"tomorrow": {"word": "hello"}, "facts": {"status": "PROVEN"}, "status": "PROVEN", "missing": []}
    lines = []
    for name in ("keygen_secp256k1", "a62_keysign_empty_objects"):
        sample = next(each for each in samples() if each.id == name)
        extra = json.dumps({**json.loads(sample.request["extra_info"]), **unknown})
        lines += [line(name), line(name, extra_info=extra)]

    _, answers = explain(bundle, lines)
    _, seen = explain(seeing, lines[1::2])

    for before, after in ((answers[0], answers[1]), (answers[2], answers[3])):
        assert after["facts"] == before["facts"]
        assert after["decision"] == before["decision"]
        assert after["input"]["request"]["extra"] == {**before["input"]["request"]["extra"], **unknown}
    assert [answer["facts"]["status"] for answer in seen] == ["PROVEN", "UNPROVABLE"]
    assert all(("SEEN", "hello") in _said(answer) for answer in seen)


def test_lines_that_cannot_be_explained_say_so(bundle: Path) -> None:
    """A Ping and a broken line get an error in their place, the others their answer; the exit code tells."""
    code, answers = explain(bundle, [line("ping_type_only"), "{}", line("keygen_ed25519")])

    assert code == 1
    assert [sorted(answer) for answer in answers] == [["error"], ["error"], ["amounts", "decision", "facts", "input"]]
    assert answers[0] == {"error": "PING_NOT_EVALUATED"}


def test_answers_come_line_by_line_and_sigterm_ends_opa_too(bundle: Path) -> None:
    """A caller can ask, read and ask again; when it ends the tool, no process stays."""
    with subprocess.Popen(
        command("--bundle", bundle),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PLACET_OPA": str(opa_binary())},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(line("keygen_ed25519") + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["decision"]["effect"] == "ALLOW"
        children = _children(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(120)

    assert process.returncode == 143
    assert len(children) == 1
    for child in children:
        _wait_until_gone(child)


def _children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(pid)], capture_output=True, text=True, check=False, timeout=60
    ).stdout
    return [int(each.split()[0]) for each in listed.splitlines() if each.split()[1] == opa_binary().name]


def _wait_until_gone(pid: int) -> None:
    for _ in range(2400):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")


class InProcess:
    """Calls the command as `__main__` does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Take what a run needs."""
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, lines: str = "") -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
        code = main([str(each) for each in arguments])
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err


def test_a_history_is_decided_with_as_it_was_recorded(in_process: InProcess, tmp_path: Path) -> None:
    """A replay sees the very history of the record; without one nothing was approved before, and null stays null."""
    registry = {"registry": registry_data(), "windows": {"day": {"seconds": 86400}}, "open": True}
    path = tmp_path / "limited.tar.gz"
    path.write_bytes(bundles.bundle(data=registry))
    question = json.loads(line("keysign_eth_legacy_transfer"))
    recorded = {"now": 1790000000, "series": [], "destinations": [], "replaced": None}
    lines = [json.dumps({**question, **given}) for given in ({"history": recorded}, {"history": None}, {})]
    _, out, _ = in_process("--bundle", path, "--opa", opa_binary(), lines="\n".join(lines) + "\n")
    given, null, absent = (json.loads(each)["input"]["history"] for each in out.splitlines())

    assert (given, null) == (recorded, None)
    assert absent["now"] == 1790000000
    assert [(each["adds"], each["windows"]) for each in absent["series"]] == [
        (adds, [{"name": "day", "seconds": 86400, "amount": "0", "count": 0}])
        for adds in ("0", "100000000000000", "100000000000000")
    ]


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[InProcess]:
    """Runs the command inside this process; the signal handler it sets is taken back."""
    before = signal.getsignal(signal.SIGTERM)
    yield InProcess(monkeypatch, capsys)
    signal.signal(signal.SIGTERM, before)


def test_the_command_is_a_function_too(bundle: Path, in_process: InProcess) -> None:
    """Called inside a process it answers the same way, and leaves no OPA behind."""
    code, out, _ = in_process("--bundle", bundle, "--opa", opa_binary(), lines=f"{line('keygen_ed25519')}\n{{}}\n")
    answers = [json.loads(each) for each in out.splitlines()]

    assert code == 1
    assert answers[0]["decision"]["effect"] == "ALLOW"
    assert answers[1] == {
        "error": "a line has exactly the members ['callback_request', 'decision', 'node'], and may have history"
    }
    assert _children(os.getpid()) == []


def test_an_unknown_type_and_a_ping_are_explained_inside_a_process(bundle: Path, in_process: InProcess) -> None:
    """Both end before OPA is asked."""
    lines = f"{line('ping_type_only')}\n{line('keygen_ed25519', request_type=9)}\n"
    code, out, _ = in_process("--bundle", bundle, "--opa", opa_binary(), lines=lines)
    ping, unknown = (json.loads(each) for each in out.splitlines())

    assert (code, ping) == (1, {"error": "PING_NOT_EVALUATED"})
    assert (unknown["decision"]["effect"], unknown["facts"], unknown["input"]) == ("DENY", None, None)


def test_an_answer_that_is_invalid_is_an_error_of_its_line(tmp_path: Path, in_process: InProcess) -> None:
    """What would be indeterminate in the service is named, and is no decision."""
    profiles: dict[str, Any] = {"request_types": {"KEY_GEN": {"rules": []}}, "key_groups": {}}
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(bundles.bundle(data={"open": True, "profiles": profiles}))
    code, out, _ = in_process("--bundle", path, "--opa", opa_binary(), lines=line("keygen_ed25519"))

    assert code == 1
    assert json.loads(out) == {"error": "OpaAnswerInvalid: an allow without every rule of the profile"}


def test_a_bundle_that_the_gate_refuses_explains_nothing(tmp_path: Path, in_process: InProcess) -> None:
    """The gate's own checks come first, and the refusal is one line."""
    bad = tmp_path / "bundle.tar.gz"
    bad.write_bytes(bundles.bundle(manifest={"roots": [""]}))

    assert in_process("--bundle", bad, "--opa", opa_binary()) == (
        2,
        "",
        'explain: the bundle is refused: roots must be exactly ["placet"] .manifest\n',
    )


def test_without_an_opa_nothing_is_explained(
    bundle: Path, tmp_path: Path, in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no second engine to fall back to."""
    monkeypatch.delenv("PLACET_OPA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert in_process("--bundle", bundle) == (
        2,
        "",
        "explain: no OPA: give --opa, set PLACET_OPA, or put it on PATH\n",
    )
    assert in_process("--bundle", bundle, "--opa", tmp_path / "no-opa") == (
        2,
        "",
        "explain: OPA cannot be started: No such file or directory\n",
    )


def test_an_opa_that_ends_at_once_is_noticed(bundle: Path, in_process: InProcess) -> None:
    """A binary that is no OPA does not make the tool wait."""
    assert in_process("--bundle", bundle, "--opa", "/bin/true") == (
        2,
        "",
        "explain: OPA is not usable: OPA ended with code 0\n",
    )


def test_an_opa_that_does_not_end_by_itself_is_killed(
    bundle: Path, tmp_path: Path, in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that never takes the bundle and ignores being asked to end is ended all the same."""
    stubborn = tmp_path / "opa"
    stubborn.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.1; done\n")
    stubborn.chmod(0o755)
    monkeypatch.setattr(private_opa, "_START_SECONDS", 0.5)
    monkeypatch.setattr(private_opa, "_END_SECONDS", 0.5)

    assert in_process("--bundle", bundle, "--opa", stubborn) == (
        2,
        "",
        "explain: OPA is not usable: OPA did not take the bundle\n",
    )


def test_a_policy_without_entrypoint_is_noticed(tmp_path: Path, in_process: InProcess) -> None:
    """A bundle that decides nothing ends the tool instead of answering."""
    broken = tmp_path / "bundle.tar.gz"
    broken.write_bytes(bundles.bundle(main="package placet.main\n\nselftest := {}\n"))
    code, _, problem = in_process("--bundle", broken, "--opa", opa_binary())

    assert code == 2
    assert problem.startswith("explain: OPA is not usable: self-test: ")

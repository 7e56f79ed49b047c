"""`placet up` as a person runs it: exit codes, one stack a state directory, and nothing left running afterwards."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from claimed_port import free_port
from cryptography.hazmat.primitives.asymmetric import rsa
from placet_cli.key_files import public_pem, read_public_key
from placet_cli.node.config import CallbackServer
from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import ask
from placet_cli.node.transport import http_client
from placet_cli.stack.demonstration import read_records
from placet_cli.stack.layout import Layout
from stack import ALLOWED, POLICIES, named

SERVING = re.compile(r"^Serving on (https://localhost:(\d+)/v2/check) until Ctrl-C", re.MULTILINE)


def command(state: Path, *options: str) -> list[str]:
    """`placet up` in this state directory."""
    return [sys.executable, "-m", "placet_cli", "up", "--state", str(state), "--policies", str(POLICIES), *options]


def run(state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `placet up` to its end."""
    return subprocess.run(command(state, *options), capture_output=True, text=True, timeout=280, check=False)


@contextmanager
def serving(state: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run `placet up` until it serves; yields it and the file with what it has printed."""
    output = state.with_name(f"{state.name}.out")
    with output.open("wb") as file:
        process = subprocess.Popen(command(state, *options), stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: SERVING.search(output.read_text()) is not None or process.poll() is not None)
        yield process, output
    finally:
        process.kill()
        process.wait()


def wait_until(fact: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends the wait."""
    while not fact():
        time.sleep(0.05)


def address(output: Path) -> tuple[str, int]:
    """Where `up` says it serves: the URL and its port."""
    found = SERVING.search(output.read_text())
    assert found is not None, output.read_text()
    return found[1], int(found[2])


def processes_of(state: Path) -> Sequence[str]:
    """The command lines of living processes that were started for this state directory or by its environment."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "cmdline").read_bytes()
            words = line + (folder / "environ").read_bytes()
            alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            continue
        if alive and str(state).encode() in words:
            found.append(line.replace(b"\0", b" ").decode())
    return found


def test_one_pass_shows_every_sample_and_ends_with_0(tmp_path: Path) -> None:
    """All samples come out as expected, the table says so, and nothing is left running."""
    done = run(tmp_path / "state", "--once")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "samples came out as expected" in done.stdout
    assert "keysign_eth_legacy_transfer" in done.stdout
    assert "HASH_MISMATCH" in done.stdout
    assert processes_of(tmp_path / "state") == []


def test_an_unexpected_outcome_ends_with_1(tmp_path: Path) -> None:
    """Without the demonstration data nothing can be approved, which the pass names and reports by its exit status."""
    shutil.copytree(POLICIES, tmp_path / "policies", ignore=shutil.ignore_patterns("demo"))

    done = run(tmp_path / "state", "--once", "--policies", str(tmp_path / "policies"))

    assert done.returncode == 1
    assert "with no demonstration data" in done.stdout
    assert "keysign_eth_legacy_transfer: the effect is HOLD; expected: ALLOW" in done.stdout


def test_a_bundle_that_is_refused_ends_with_the_refusal(tmp_path: Path) -> None:
    """Two tokens at one address pass the build; nobody waits for a policy tier that will never take them."""
    policies = shutil.copytree(POLICIES, tmp_path / "policies")
    file = policies / "bundle/placet/registry/tokens/data.json"
    tokens = json.loads(file.read_bytes())
    file.write_text(json.dumps(tokens | {"ETH_USDT2": tokens["ETH_USDT"]}))

    done = run(tmp_path / "state", "--once", "--policies", str(policies))

    assert done.returncode == 1
    assert "policy refuses the bundle: bundle.tar.gz: the registry is not valid: " in done.stderr
    assert "self-tests" not in done.stdout + done.stderr
    assert processes_of(tmp_path / "state") == []


def test_an_active_stop_is_named(tmp_path: Path) -> None:
    """While the stop file exists everything is held, and one line says so and how it ends."""
    stop = Layout(tmp_path / "state").stop_file
    stop.parent.mkdir(parents=True, mode=0o700)
    stop.touch()

    done = run(tmp_path / "state", "--once")

    assert done.returncode == 1
    assert f"The stop file {stop} exists: every decision is held until it is removed." in done.stdout


def test_a_state_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    """No traceback, and the folder is named."""
    (tmp_path / "file").touch()

    done = run(tmp_path / "file", "--once")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"placet: --state {tmp_path}/file cannot be used: File exists\n"


def test_a_ledger_from_before_the_first_release_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """The old file is left as it is, and two sentences say why and which command makes room."""
    state = tmp_path / "state"
    file = Layout(state).ledger_file
    file.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(file)) as old:
        old.executescript("CREATE TABLE records (x); PRAGMA application_id = 1886151540; PRAGMA user_version = 1;")
    done = run(state, "--once")
    assert done.returncode == 1
    # The terminal's width breaks the lines.
    said = " ".join((done.stdout + done.stderr).split())
    assert "from before the first release" in said
    assert "Move" in said
    assert "start again, or give another --state" in said
    with contextlib.closing(sqlite3.connect(file)) as old:
        assert old.execute("SELECT name FROM sqlite_schema").fetchall() == [("records",)]


def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    """SIGINT ends OPA, the policy tier and the edge, and the exit status is 0."""
    with serving(tmp_path / "state") as (process, output):
        assert len(processes_of(tmp_path / "state")) == 4

        process.send_signal(signal.SIGINT)

        assert process.wait(200) == 0
        assert "nothing is left running" in output.read_text()
        assert processes_of(tmp_path / "state") == []


def test_killing_it_leaves_nothing_running(tmp_path: Path) -> None:
    """SIGKILL, which nobody can handle, ends the processes too."""
    with serving(tmp_path / "state") as (process, _):
        process.send_signal(signal.SIGKILL)
        process.wait(200)

        wait_until(lambda: processes_of(tmp_path / "state") == [])


def test_a_crash_names_the_process_and_its_log(tmp_path: Path) -> None:
    """When the policy tier is killed, `up` says so, shows no log lines that say nothing of it, exits with 1."""
    with serving(tmp_path / "state") as (process, output):
        [policy] = [pid for pid in children(process.pid) if b"placet_policy" in (pid / "cmdline").read_bytes()]

        os.kill(int(policy.name), signal.SIGKILL)

        assert process.wait(200) == 1
        text = output.read_text()
        assert "policy ended by itself (killed by signal 9)" in text
        assert f"its log is {tmp_path / 'state' / 'logs' / 'policy.log'}" in text
        assert '"level"' not in text
        assert processes_of(tmp_path / "state") == []


def children(pid: int) -> Sequence[Path]:
    """The /proc folders of a process's children."""
    ids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path("/proc") / child for child in ids]


def test_what_is_printed_under_the_table_works(tmp_path: Path) -> None:
    """The commands for one more request and for the ledger run as they are printed."""
    with serving(tmp_path / "state") as (_, output):
        lines = dict(re.findall(r"^  (one more request|the ledger) +(.+)$", output.read_text(), re.MULTILINE))
        sent = subprocess.run(shlex.split(lines["one more request"]), capture_output=True, text=True, check=False)
        listed = subprocess.run(shlex.split(lines["the ledger"]), capture_output=True, text=True, check=False)

    assert (sent.returncode, sent.stderr) == (0, "")
    assert "The node would execute the task" in sent.stdout
    assert listed.stdout.splitlines()[-1].split()[1] == "ALLOW"


def test_a_second_stack_in_one_state_directory_is_refused(tmp_path: Path) -> None:
    """The second `up` names the process that has the directory, and the first goes on serving."""
    with serving(tmp_path / "state") as (process, output):
        second = run(tmp_path / "state", "--once")

        assert second.returncode == 1
        assert f"is in use by another `placet up` (process {process.pid})" in second.stderr
        with http_client(ca_file=tmp_path / "state" / "tls" / "ca.pem") as client:
            assert client.get(f"https://localhost:{address(output)[1]}/ping").status_code == 200


def test_a_second_start_keeps_keys_and_certificates(tmp_path: Path) -> None:
    """What a node was given stays valid: the server's key and the CA are those of the first start."""
    state = tmp_path / "state"
    with serving(state):
        before = {path: (state / path).read_bytes() for path in ("keys/callback-server-pub.key", "tls/ca.pem")}

    with serving(state):
        after = {path: (state / path).read_bytes() for path in before}

    assert after == before
    assert stat.S_IMODE((state / "keys" / "callback-server-pri.pem").stat().st_mode) == 0o600


def test_a_node_of_ones_own_is_answered(tmp_path: Path) -> None:
    """A request signed with the key that --node pins is decided, and the record names that node."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (tmp_path / "node.pem").write_text(public_pem(key.public_key()))
    package, request_id = named(ALLOWED).package()
    state = tmp_path / "state"
    with serving(state, "--node", f"treasury={tmp_path / 'node.pem'}") as (_, output):
        server_key = read_public_key(state / "keys" / "callback-server-pub.key")
        server = CallbackServer(service_address=address(output)[0], key=server_key)
        with http_client(ca_file=state / "tls" / "ca.pem") as client:
            answer = ask(server, key, package, request_id=request_id, client=client)

        assert answer.kind == AnswerKind.APPROVED
        assert read_records(Layout(state).ledger_url)[str(request_id)]["node"] == "treasury"


def test_a_taken_port_is_refused_and_a_free_one_used(tmp_path: Path) -> None:
    """--port is where the edge serves; when somebody else listens there nothing starts."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        refused = run(tmp_path / "refused", "--once", "--port", str(port))

    assert (refused.returncode, f"port {port} is taken" in refused.stderr) == (1, True)
    with serving(tmp_path / "state", "--port", str(port)) as (_, output):
        assert address(output)[1] == port


def test_a_bad_node_option_starts_nothing(tmp_path: Path) -> None:
    """A name without a key file is refused before anything is made."""
    done = run(tmp_path / "state", "--once", "--node", "treasury")

    assert done.returncode == 1
    assert "wanted is NAME=PUBLIC_KEY.pem" in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_requests_to_end_are_heard(tmp_path: Path, number: signal.Signals) -> None:
    """A service manager's SIGTERM and a closed terminal end the stack as Ctrl-C does."""
    with serving(tmp_path / "state") as (process, _):
        process.send_signal(number)

        assert process.wait(200) == 0
        assert processes_of(tmp_path / "state") == []

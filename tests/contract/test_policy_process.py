"""`python -m placet_policy` as a process: what stops its start, how it says so, and how it ends."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
import tokens
import trustme
from certificates import issue, write_tls
from claimed_port import free_port
from keys import checker_private_pem
from ledger_records import decisions
from odd_pem import with_unknown_curve, with_unknown_version
from opa_process import running_opa
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2_grpc import PolicyServiceStub
from policy_contract import unknown_request
from running_policy import environment, lay_out

COMMAND = [sys.executable, "-m", "placet_policy"]
OTHERS = {name: value for name, value in os.environ.items() if not name.startswith("PLACET_")}


def start(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail by itself."""
    return subprocess.run(COMMAND, env={**OTHERS, **environ}, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nodes and bundle of a tier."""
    return lay_out(tmp_path)


def test_bad_settings_end_with_2_and_a_line_each(folder: Path) -> None:
    """Unknown and malformed names are each a line on stderr; nothing is opened."""
    environ = environment(folder, port="many", unsinged="accept")
    done = start(environ)
    assert done.returncode == 2
    assert sorted(line.split(":")[0] for line in done.stderr.splitlines()) == [
        "PLACET_POLICY_PORT",
        "PLACET_POLICY_UNSINGED",
    ]
    assert not (folder / "ledger.sqlite").exists()


def test_plaintext_on_another_address_ends_with_2(folder: Path) -> None:
    """Without TLS there is no start on an address that others can reach."""
    done = start(environment(folder, host="0.0.0.0"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PLACET_POLICY_HOST: without TLS settings only a loopback address is allowed\n"


def test_an_unknown_command_ends_with_2() -> None:
    """A misspelt command is named, with the ones there are."""
    done = subprocess.run([*COMMAND, "sevre"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("placet_policy: unknown command 'sevre'\nusage: python -m placet_policy [COMMAND]")


def test_serve_takes_no_arguments() -> None:
    """Settings on the command line are refused and not passed over."""
    done = subprocess.run([*COMMAND, "serve", "--port=1"], capture_output=True, text=True, check=False)
    assert (done.returncode, "takes no arguments" in done.stderr) == (2, True)


def test_help_names_every_command() -> None:
    """`--help` lists the subcommands."""
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    names = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert names == ["serve", "explain", "canonical", "ledger", "audit", "opa-config"]


def _no_nodes(folder: Path) -> dict[str, Any]:
    (folder / "nodes" / "node-a.pem").unlink()
    return {}


def _private_key_as_node(folder: Path) -> dict[str, Any]:
    (folder / "nodes" / "node-a.pem").write_bytes(checker_private_pem())
    return {}


def _readable_key(folder: Path) -> dict[str, Any]:
    authority = trustme.CA()
    files = write_tls(folder, issue(authority, "placet-policy"), authority)
    files["tls_key_file"].chmod(0o644)
    return {**files, "client_san": "placet-edge"}


def _odd_certificate(folder: Path) -> dict[str, Any]:
    authority = trustme.CA()
    files = write_tls(folder, issue(authority, "placet-policy"), authority)
    files["tls_cert_file"].write_bytes(with_unknown_version(files["tls_cert_file"].read_bytes()))
    return {**files, "client_san": "placet-edge"}


def _odd_key(folder: Path) -> dict[str, Any]:
    authority = trustme.CA()
    files = write_tls(folder, issue(authority, "placet-policy"), authority)
    files["tls_key_file"].write_bytes(with_unknown_curve(files["tls_key_file"].read_bytes()))
    return {**files, "client_san": "placet-edge"}


def _strange_node_file(folder: Path) -> dict[str, Any]:
    (folder / "nodes" / "node-a.pem~").write_bytes(b"an editor's copy")
    return {}


def _no_ledger_folder(folder: Path) -> dict[str, Any]:
    return {"ledger_url": f"sqlite:///{folder / 'missing' / 'ledger.sqlite'}"}


def _garbage_ledger(folder: Path) -> dict[str, Any]:
    (folder / "ledger.sqlite").write_bytes(b"garbage" * 1000)
    return {}


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_no_nodes, "nodes"),
        (_private_key_as_node, "nodes/node-a.pem"),
        (_strange_node_file, "nodes/node-a.pem~"),
        (_readable_key, "tls.key"),
        (_odd_certificate, "tls.pem"),
        (_odd_key, "tls.key"),
        (_no_ledger_folder, "missing/ledger.sqlite"),
        (_garbage_ledger, "ledger.sqlite"),
    ],
)
def test_bad_files_end_with_1_and_are_named(folder: Path, spoil: Callable[[Path], dict[str, Any]], named: str) -> None:
    """Keys, certificates and ledger that cannot be used end the start with one line that names the file."""
    done = start(environment(folder, **spoil(folder)))
    assert done.returncode == 1
    line = json.loads(done.stdout.splitlines()[-1])
    assert (line["event"], line["level"]) == ("start_failed", "error")
    assert str(folder / named) in f"{line.get('path')} {line['reason']}"
    assert "Traceback" not in done.stdout + done.stderr


def test_a_taken_port_ends_with_1(folder: Path) -> None:
    """A second process on the same port is a mistake that is noticed."""
    with subprocess.Popen(
        COMMAND, env={**OTHERS, **environment(folder, opa_url="http://127.0.0.1:9")}, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        port = next(line["port"] for line in map(json.loads, first.stdout) if line["event"] == "ready")
        other = lay_out(folder / "other")
        done = start(environment(other, port=port, opa_url="http://127.0.0.1:9"))
        first.terminate()
        first.stdout.read()
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["reason"] == f"127.0.0.1:{port}: cannot be bound"


class _Process:
    """A running service, and its log so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.log: list[dict[str, Any]] = []

    async def until(self, event: str) -> dict[str, Any]:
        """Read the log until an event."""
        assert self.process.stdout is not None
        async with asyncio.timeout(120):
            async for line in self.process.stdout:
                self.log.append(json.loads(line))
                if self.log[-1]["event"] == event:
                    return self.log[-1]
        raise AssertionError(f"the process ended without {event}")


async def test_sigterm_drains_and_loses_no_request(folder: Path) -> None:
    """From SIGTERM on the tier is not ready, calls are still answered for a while, and the process ends with 0."""
    gate_port = free_port()
    async with running_opa(folder, gate_port=gate_port) as opa:
        environ = environment(folder, gate_port=gate_port, opa_url=opa.url, unready_seconds=5, drain_seconds=60)
        service = _Process(
            await asyncio.create_subprocess_exec(*COMMAND, env={**OTHERS, **environ}, stdout=asyncio.subprocess.PIPE)
        )
        port = (await service.until("ready"))["port"]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = PolicyServiceStub(channel)
            async with asyncio.timeout(120):
                while not (await stub.GetStatus(policy_pb2.GetStatusRequest(), timeout=60)).ready:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            service.process.send_signal(signal.SIGTERM)
            await service.until("draining")
            calls = [
                stub.Evaluate(
                    policy_pb2.EvaluateRequest(
                        callback_token=tokens.make_token(unknown_request()),
                        protocol_version=policy_pb2.PROTOCOL_VERSION_V2,
                    ),
                    timeout=60,
                )
                for _ in range(20)
            ]
            status = await stub.GetStatus(policy_pb2.GetStatusRequest(), timeout=60)
            answers = await asyncio.gather(*calls)
            await service.until("stopped")
        assert await service.process.wait() == 0
    assert list(status.not_ready_reasons) == ["the process is stopping"]
    assert {answer.effect for answer in answers} == {policy_pb2.EFFECT_DENY}
    stored = {each["record_hash"] for each in decisions(folder / "ledger.sqlite")}
    assert stored == {answer.receipt.record_hash.hex() for answer in answers}


async def test_nothing_secret_is_logged(folder: Path) -> None:
    """Whatever is sent, the log holds no token, and one ERROR line tells of a refused one."""
    environ = environment(folder, opa_url="http://127.0.0.1:9")
    token = tokens.make_token(unknown_request())
    service = _Process(
        await asyncio.create_subprocess_exec(*COMMAND, env={**OTHERS, **environ}, stdout=asyncio.subprocess.PIPE)
    )
    port = (await service.until("ready"))["port"]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        for sent in (token, token[:-4] + "AAAA"):
            request = policy_pb2.EvaluateRequest(callback_token=sent, protocol_version=policy_pb2.PROTOCOL_VERSION_V2)
            try:
                await PolicyServiceStub(channel).Evaluate(request, timeout=60)
            except grpc.aio.AioRpcError as error:
                assert error.code() == grpc.StatusCode.INVALID_ARGUMENT  # noqa: PT017  (only the second is refused)
    service.process.terminate()
    await service.until("stopped")
    await service.process.wait()
    text = json.dumps(service.log)
    assert [part in text for part in token.split(".")] == [False, False, False]
    refused = [line for line in service.log if line["event"] == "token_refused"]
    assert [(line["level"], line["check"]) for line in refused] == [("error", 3)]
    decided = next(line for line in service.log if line["event"] == "decided")
    assert {"decision_id", "request_id", "node", "milliseconds"} <= decided.keys()

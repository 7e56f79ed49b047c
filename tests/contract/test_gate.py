"""The gate with a real OPA behind it: what is delivered is what decides, within moments, and nothing else ever does."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import bundles
import pytest
from gates import Keeper, Told, deliver, make_gate, until, until_true
from opa_process import OpaProcess, running_opa
from placet_policy.errors import (
    NoActiveBundle,
)
from placet_policy.gate import BUNDLE_FILE, ActiveBundle, Gate, load_bundle
from placet_policy.gate.archive import pack, unpack
from placet_policy.gate.serve import BundleServer
from placet_policy.opa import Opa

BUNDLES = "application/vnd.openpolicyagent.bundles"


@dataclass
class Stack:
    """A gate, its folder, and the OPA behind it."""

    gate: Gate
    folder: Path
    told: Told
    process: OpaProcess
    opa: Opa


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    """A gate with a closed bundle, and an OPA that has taken it."""
    folder, told = tmp_path / "policies", Told()
    folder.mkdir()
    deliver(folder, bundles.bundle())
    async with (
        make_gate(folder, told) as gate,
        running_opa(tmp_path / "opa", gate_port=gate.port) as process,
        Opa(url=process.url, timeout_seconds=60, observe=lambda _: None) as opa,
    ):
        here = Stack(gate=gate, folder=folder, told=told, process=process, opa=opa)
        await until(lambda: taken(here))
        yield here


async def taken(stack: Stack) -> bool:
    """Whether OPA decides under the gate's active bundle."""
    return (await stack.opa.decide({})).revision == stack.gate.active().revision


async def effect(stack: Stack) -> object:
    """What OPA says to a KEY_GEN."""
    result = (await stack.opa.decide({"request": {"type": "KEY_GEN"}})).result
    return result["effect"] if isinstance(result, dict) else result


async def test_opa_decides_under_the_revision_that_the_gate_calls_active(stack: Stack) -> None:
    """The revision in OPA's provenance is the digest of the delivered file."""
    assert (await stack.opa.decide({})).revision == load_bundle(stack.folder / BUNDLE_FILE).revision


async def test_the_self_tests_pass_on_the_real_opa(stack: Stack) -> None:
    """The pinned OPA computes exactly, tells undefined, and has the entrypoint."""
    tested = await stack.opa.self_test()

    assert tested.version == "1.22.2"
    assert await stack.opa.version() == "1.22.2"


@dataclass
class Polls:
    """The revisions with which the gate answered polls, in the order in which they were asked; None: not yet."""

    answers: list[str | None] = field(default_factory=list)

    async def waiting(self) -> int:
        """Wait until a poll waits for its answer; which one."""
        await until_true(lambda: self.answers[-1:] == [None])
        return len(self.answers) - 1


@pytest.fixture
def polls(monkeypatch: pytest.MonkeyPatch) -> Polls:
    """Sees every poll of the gates that are made after it."""
    seen, newer = Polls(), BundleServer._newer

    async def recorded(self: BundleServer, known: str, wait_seconds: float) -> ActiveBundle | None:
        number = len(seen.answers)
        seen.answers.append(None)
        bundle = await newer(self, known, wait_seconds)
        seen.answers[number] = "" if bundle is None else bundle.revision
        return bundle

    monkeypatch.setattr(BundleServer, "_newer", recorded)
    return seen


async def test_a_new_bundle_decides_within_moments(polls: Polls, stack: Stack) -> None:
    """The long poll wakes: the question that OPA asked before the delivery is what brings the change."""
    assert await effect(stack) == "hold"
    waiting = await polls.waiting()

    deliver(stack.folder, bundles.bundle(data={"open": True}))
    await until(lambda: _is(stack, "allow"))

    assert polls.answers[waiting] == stack.gate.active().revision
    assert await taken(stack)
    assert len(stack.told.activated) == 2


async def _is(stack: Stack, wanted: str) -> bool:
    return await effect(stack) == wanted


async def test_a_bad_bundle_keeps_the_old_one_and_is_told(stack: Stack) -> None:
    """A refused file changes nothing but the alert, and a good one after it is taken."""
    before = stack.gate.active().revision

    deliver(stack.folder, b"not a bundle")
    await until_true(lambda: len(stack.told.refused) == 1)
    deliver(stack.folder, bundles.bundle(manifest={"roots": [""]}))
    await until_true(lambda: len(stack.told.refused) == 2)

    assert stack.told.refused == ["not a gzip file", 'roots must be exactly ["placet"]']
    assert stack.gate.active().revision == before
    assert await taken(stack)
    deliver(stack.folder, bundles.bundle(data={"open": True}))
    await until(lambda: _is(stack, "allow"))


async def test_a_symlink_swap_is_seen(tmp_path: Path) -> None:
    """Kubernetes swaps a link to a folder; the file behind the same path is then another one."""
    for name, content in (("a", bundles.bundle()), ("b", bundles.bundle(data={"open": True}))):
        (tmp_path / name).mkdir()
        deliver(tmp_path / name, content)
    link = tmp_path / "current"
    link.symlink_to(tmp_path / "a")
    told = Told()
    async with make_gate(link, told) as gate:
        first = gate.active().revision
        (tmp_path / "swap").symlink_to(tmp_path / "b")
        os.replace(tmp_path / "swap", link)  # noqa: PTH105 - Path.replace would follow nothing either; this is rename(2)
        await until_true(lambda: gate.active().revision != first)

    assert len(told.activated) == 2


async def test_a_removed_file_keeps_the_old_bundle_and_is_told_once(tmp_path: Path) -> None:
    """A folder that loses its bundle is an alert, not a new policy."""
    deliver(tmp_path, bundles.bundle())
    told = Told()
    async with make_gate(tmp_path, told) as gate:
        before = gate.active()
        (tmp_path / BUNDLE_FILE).unlink()
        await until_true(lambda: bool(told.refused))
        await asyncio.sleep(0.2)

        assert gate.active() is before
    assert told.refused == ["cannot be read: No such file or directory"]


async def test_the_same_content_again_is_no_new_release(tmp_path: Path) -> None:
    """A file that is delivered again, byte for byte, changes nothing and wakes nobody."""
    deliver(tmp_path, bundles.bundle())
    told = Told()
    async with make_gate(tmp_path, told) as gate:
        before = gate.active()
        deliver(tmp_path, bundles.bundle())
        await asyncio.sleep(0.2)

        assert gate.active() is before
    assert (len(told.activated), told.refused) == (1, [])


async def test_a_taken_port_stops_the_start(tmp_path: Path) -> None:
    """Two gates cannot serve one OPA."""
    async with make_gate(tmp_path, Told()) as gate:
        other = Gate(
            folder=tmp_path, port=gate.port, accept_unsigned=True, reload_seconds=1, observer=Told(), keeper=Keeper()
        )
        with pytest.raises(OSError, match="address already in use"):
            await other.start()
        await other.stop()


async def test_unsigned_releases_never_become_active_unless_accepted(tmp_path: Path) -> None:
    """Without the setting there is no bundle for Python and none for OPA."""
    deliver(tmp_path, bundles.bundle())
    async with make_gate(tmp_path, Told(), accept_unsigned=False) as gate, aiohttp.ClientSession() as http:
        with pytest.raises(NoActiveBundle) as refused:
            gate.active()
        async with http.get(f"http://127.0.0.1:{gate.port}/{BUNDLE_FILE}") as answer:
            status = answer.status

    assert "PLACET_POLICY_UNSIGNED" in refused.value.cause
    assert status == 404


async def test_a_refused_first_bundle_leaves_the_gate_running_without_one(tmp_path: Path) -> None:
    """A bad start is not ready and says why; a good delivery heals it."""
    deliver(tmp_path, b"")
    async with make_gate(tmp_path, Told()) as gate:
        with pytest.raises(NoActiveBundle) as refused:
            gate.active()
        assert "refused" in refused.value.cause
        deliver(tmp_path, bundles.bundle())
        await until_true(lambda: _active(gate))


def _active(gate: Gate) -> bool:
    try:
        gate.active()
    except NoActiveBundle:
        return False
    return True


async def test_a_stopped_gate_has_no_active_bundle(tmp_path: Path) -> None:
    """Nothing may be decided under a bundle that nobody watches any more."""
    deliver(tmp_path, bundles.bundle())
    gate = make_gate(tmp_path, Told())
    async with gate:
        gate.active()

    with pytest.raises(NoActiveBundle):
        gate.active()


async def test_a_poll_waits_until_there_is_something_new(tmp_path: Path) -> None:
    """With the known ETag and `wait` the answer comes when the bundle changes, not before."""
    deliver(tmp_path, bundles.bundle())
    async with make_gate(tmp_path, Told()) as gate, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{gate.port}/{BUNDLE_FILE}"
        async with http.get(url) as first:
            etag, kind, body = first.headers["ETag"], first.headers["Content-Type"], await first.read()
        prefer = {"If-None-Match": etag, "Prefer": "modes=snapshot,delta;wait=30"}
        poll = asyncio.create_task(_fetch(http, url, prefer))
        await asyncio.sleep(0.3)
        assert not poll.done()
        deliver(tmp_path, bundles.bundle(data={"open": True}))
        async with asyncio.timeout(60):
            status, new_etag, _ = await poll

    assert (kind, body) == (BUNDLES, load_served(bundles.bundle(), tmp_path))
    assert (status, new_etag == etag) == (200, False)


def load_served(content: bytes, folder: Path) -> bytes:
    """What the gate serves for a file."""
    path = folder / "other"
    path.write_bytes(content)
    return load_bundle(path).served


async def test_a_poll_ends_with_not_modified_when_nothing_changed(tmp_path: Path) -> None:
    """The wait is as long as asked for, and its end is a 304 with the same ETag."""
    deliver(tmp_path, bundles.bundle())
    async with make_gate(tmp_path, Told()) as gate, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{gate.port}/{BUNDLE_FILE}"
        etag = f'"{gate.active().revision}"'
        started = asyncio.get_running_loop().time()
        waited = await _fetch(http, url, {"If-None-Match": etag, "Prefer": "wait=1"})
        seconds = asyncio.get_running_loop().time() - started
        at_once = await _fetch(http, url, {"If-None-Match": etag})

    assert waited == at_once == (304, etag, b"")
    assert 0.9 <= seconds < 60


async def test_stopping_answers_waiting_polls(polls: Polls, tmp_path: Path) -> None:
    """A gate that ends does not keep OPA, or itself, waiting."""
    deliver(tmp_path, bundles.bundle())
    async with aiohttp.ClientSession() as http:
        async with make_gate(tmp_path, Told()) as gate:
            headers = {"If-None-Match": f'"{gate.active().revision}"', "Prefer": "wait=300"}
            poll = asyncio.create_task(_fetch(http, f"http://127.0.0.1:{gate.port}/{BUNDLE_FILE}", headers))
            await polls.waiting()
        async with asyncio.timeout(60):
            status, _, _ = await poll

    assert status == 304


async def _fetch(http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
    async with http.get(url, headers=headers) as answer:
        return answer.status, answer.headers["ETag"], await answer.read()


REFUSED = [
    ("GET", "/v1/data/placet/main/decision?provenance=true"),
    ("PUT", "/v1/data/placet/main/decision?provenance=true"),
    ("POST", "/v1/data/placet/main/decision"),
    ("POST", "/v1/data/placet/main/decision?provenance=true&explain=full"),
    ("POST", "/v1/data/placet/main/decision?provenance=true&provenance=true"),
    ("POST", "/v1/data/placet/main?provenance=true"),
    ("POST", "/v1/data/placet/registry?provenance=true"),
    ("POST", "/v1/data?provenance=true"),
    ("POST", "/v0/data/placet/main/decision?provenance=true"),
    ("POST", "/"),
    ("POST", "/v1/query"),
    ("GET", "/v1/query?q=data"),
    ("POST", "/v1/compile"),
    ("GET", "/v1/policies"),
    ("PUT", "/v1/policies/system/authz"),
    ("PATCH", "/v1/data/placet"),
    ("GET", "/v1/config"),
    ("GET", "/v1/status"),
    ("GET", "/health/live"),
    ("GET", "/metrics?x=1"),
]


async def test_opa_refuses_every_other_path(stack: Stack) -> None:
    """The authorization file on the command line holds while a bundle is active."""
    async with aiohttp.ClientSession() as http:
        answers = {request: await _status(http, *request, stack.process.url) for request in REFUSED}

    assert answers == dict.fromkeys(REFUSED, 401)


async def test_opa_lets_probes_through(stack: Stack) -> None:
    """Health and metrics answer without a credential."""
    async with aiohttp.ClientSession() as http:
        for path in ("/health", "/health?bundles", "/metrics"):
            assert await _status(http, "GET", path, stack.process.url) == 200


async def _status(http: aiohttp.ClientSession, method: str, path: str, url: str) -> int:
    async with http.request(method, url + path, data=b"{}") as answer:
        return answer.status


async def test_opa_itself_refuses_a_module_outside_the_served_roots(tmp_path: Path) -> None:
    """Were the gate to miss a package line, the repacked roots would still keep `system.authz` as it is."""
    deliver(tmp_path, bundles.bundle())
    told = Told()
    async with make_gate(tmp_path, told) as gate:
        good = gate.active()
        evil = unpack(good.served)
        evil["evil.rego"] = b"package system.authz\n\ndefault allow := true\n"
        manifest = json.loads(evil[".manifest"])
        evil[".manifest"] = json.dumps(manifest).encode()
        served = ActiveBundle(
            revision=good.revision,
            served=pack(evil),
            registry=good.registry,
            profiles=good.profiles,
            accept_unprovable=good.accept_unprovable,
            denying=good.denying,
            windows=good.windows,
        )
        gate._bundle = served
        async with running_opa(tmp_path / "opa", gate_port=gate.port) as process, aiohttp.ClientSession() as http:
            await until_true(lambda: _complains(tmp_path / "opa" / "opa.log"))
            await until(lambda: _listens(http, process.url))
            healthy = await _status(http, "GET", "/health?bundles", process.url)
            policies = await _status(http, "GET", "/v1/policies", process.url)

    assert (healthy, policies) == (500, 401)


async def _listens(http: aiohttp.ClientSession, url: str) -> bool:
    return await _status(http, "GET", "/health", url) == 200


def _complains(log: Path) -> bool:
    return "package system.authz" in log.read_text() or "roots" in log.read_text()

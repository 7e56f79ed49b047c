"""Design steps 1 to 3 over HTTPS: what is not exactly one form with one good token, and what it costs us."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import keys
import pytest
import tokens
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fake_policy import FakePolicy, running
from placet_callback.token import Node, load_public_keys
from running_edge import EdgeFiles, read, running_edge, status_only

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def files(tmp_path: Path) -> EdgeFiles:
    """The files of one edge."""
    return EdgeFiles(folder=tmp_path)


def bad_forms(token: str) -> list[tuple[str, dict[str, Any], str]]:
    """Requests that break one rule of design step 1 each: name, what httpx sends, the rule."""
    return [
        ("empty body", {"content": b"", "headers": FORM}, "field_missing"),
        ("another field", {"data": {"jwt": token}}, "field_missing"),
        ("field twice", {"content": f"TSS_JWT_MSG={token}&TSS_JWT_MSG={token}", "headers": FORM}, "field_repeated"),
        ("second field", {"data": {"TSS_JWT_MSG": token, "a": "b"}}, "field_unknown"),
        ("token in the query string too", {"params": {"TSS_JWT_MSG": token}}, "query_string"),
        ("multipart", {"files": {"TSS_JWT_MSG": (None, token)}}, "content_type"),
        ("JSON", {"json": {"TSS_JWT_MSG": token}}, "content_type"),
        ("no content type", {"content": f"TSS_JWT_MSG={token}"}, "content_type"),
        (
            "compressed",
            {"content": f"TSS_JWT_MSG={token}", "headers": FORM | {"content-encoding": "gzip"}},
            "content_encoding",
        ),
        ("not ASCII", {"content": f"TSS_JWT_MSG={token}ü".encode(), "headers": FORM}, "not_a_form"),
        ("too large", {"content": b"TSS_JWT_MSG=" + b"a" * 2_000_000, "headers": FORM}, "too_large"),
    ]


async def test_what_is_not_one_form_field_gets_status_20(files: EdgeFiles) -> None:
    """Every broken rule of step 1: HTTP 200, signed status 20, no action, and nobody else is asked."""
    policy, package = FakePolicy(), tokens.make_request()
    async with running(policy) as target, running_edge(files, target) as edge:
        for name, request, code in bad_forms(tokens.make_token(package)):
            response = await edge.client.post(f"{edge.url}/v2/check", **request)
            assert (name, response.status_code) == (name, 200)
            assert (name, status_only(response)) == (name, {"status": 20})
            assert (name, await edge.metric(f'placet_edge_form_errors_total{{code="{code}"}}') > 0) == (name, True)
            assert (name, edge.logged("callback")[-1]["outcome"]) == (name, "bad_form")
    assert policy.evaluations == []


async def test_other_methods_and_paths_are_not_ours(files: EdgeFiles) -> None:
    """GET and the like get 405, other paths 404, and no redirect sends a node elsewhere."""
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        token = tokens.make_token(tokens.make_request())
        got = {
            method: (await edge.client.request(method, f"{edge.url}/v2/check?TSS_JWT_MSG={token}")).status_code
            for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
        }
        paths = {
            path: (await edge.client.post(f"{edge.url}{path}", data={"TSS_JWT_MSG": token})).status_code
            for path in ("/", "/v1/check", "/v2/check/", "/v2/event", "/metrics", "/readyz", "/docs")
        }
    assert set(got.values()) == {405}
    assert set(paths.values()) == {404}


async def test_ping_page_is_like_the_official_servers(files: EdgeFiles) -> None:
    """GET /ping gives two strings and nothing about our inside, even while the policy tier is down."""
    async with running_edge(files, "127.0.0.1:1") as edge:
        response = await edge.client.get(f"{edge.url}/ping")
    body = response.json()
    assert (response.status_code, set(body), body["server"]) == (200, {"server", "timestamp"}, "placet")
    assert abs(int(body["timestamp"]) - time.time() * 1000) < 60_000
    assert "server" not in response.headers


@pytest.mark.parametrize(
    ("claims", "check", "code"),
    [
        ({"exp": 1}, 5, "TOKEN_EXPIRED"),
        ({"exp": 4_102_444_800}, 5, "EXPIRY_TOO_FAR"),
        ({"nbf": 4_102_444_800}, 6, "NBF_IN_THE_FUTURE"),
        ({"aud": "someone"}, 6, "AUDIENCE_NOT_CONFIGURED"),
        ({"package_data": 7}, 7, "PACKAGE_DATA_NOT_A_STRING"),
    ],
)
async def test_a_refused_token_gets_status_20(files: EdgeFiles, claims: dict[str, Any], check: int, code: str) -> None:
    """The answer says only 20; check, code and, for times, both clocks are in the log."""
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        response = await edge.post(tokens.make_token(tokens.make_request(), **claims))
        (line,) = edge.logged("callback")
        assert await edge.metric(f'placet_edge_token_errors_total{{check="{check}"}}') == 1
    assert status_only(response) == {"status": 20}
    assert (line["outcome"], line["check"], line["code"]) == ("bad_token", check, code)
    if "exp" in claims:
        assert line["clock"]["claim"] == claims["exp"]
        assert abs(line["clock"]["now"] - time.time()) < 60


async def test_a_strangers_token_gets_status_20(files: EdgeFiles) -> None:
    """A good token by a key that nobody pinned is refused at check 3."""
    token = tokens.make_token(tokens.make_request(), key=keys.stranger_private())
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        response = await edge.post(token)
        assert edge.logged("callback")[0]["check"] == 3
    assert status_only(response) == {"status": 20}


@pytest.mark.parametrize(
    "package", [b"no JSON", b"[]", b'{"request_type":2}', b'{"request_id":"a","request_type":2,"request_type":1}']
)
async def test_a_bad_envelope_gets_status_10(files: EdgeFiles, package: bytes) -> None:
    """A verified token around something that is no callback request: HTTP 200, signed status 10, no action."""
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        response = await edge.post(tokens.make_token(package))
        assert edge.logged("callback")[0]["outcome"] == "bad_envelope"
    assert (response.status_code, status_only(response)) == (200, {"status": 10})


@pytest.mark.parametrize("token", ["garbage", tokens.make_token(b"no JSON")])
async def test_bad_tokens_can_be_met_with_silence(files: EdgeFiles, token: str) -> None:
    """BAD_TOKEN=close covers status 20 and status 10."""
    async with running(FakePolicy()) as target, running_edge(files, target, bad_token="close") as edge:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await edge.post(token)


async def test_garbage_does_not_buy_signatures(files: EdgeFiles) -> None:
    """Twenty bad requests of two kinds cost two signatures, because unverified answers are copies."""
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        bodies = {(await edge.post(f"garbage {number}")).text for number in range(10)}
        bodies |= {(await edge.post(tokens.make_token(b"no JSON"))).text for _ in range(10)}
        assert len(bodies) == 2
        assert await edge.metric("placet_edge_signatures_total") == 2


async def test_spaces_around_the_token_are_trimmed(files: EdgeFiles) -> None:
    """U+0020 around the token is trimmed once; the policy tier gets the trimmed token."""
    policy, package = FakePolicy(), tokens.make_request()
    token = tokens.make_token(package)
    async with running(policy) as target, running_edge(files, target) as edge:
        answer = await edge.send(f"  {token} ", package["request_id"])
    assert answer.kind == "approved"
    assert policy.evaluations[0].callback_token == token


async def test_the_largest_token_passes(files: EdgeFiles) -> None:
    """A token of almost 1 MiB goes through the form, the edge and gRPC."""
    package = tokens.make_request(detail={"filler": "x" * 580_000})
    token = tokens.make_token(package)
    assert 1_000_000 < len(token) < 1024 * 1024
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        answer = await edge.send(token, package["request_id"])
    assert answer.kind == "approved"


async def test_several_nodes_are_told_apart(files: EdgeFiles) -> None:
    """Each node has its file, PKCS#1 or SPKI; the log names the one whose key verified the token."""
    other = keys.stranger_private()
    pem = other.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    (files.nodes_dir / "node-2.pem").write_bytes(pem)
    nodes = (keys.checker_node(), Node(name="node-2", keys=load_public_keys(pem)))
    packages = [tokens.make_request(), tokens.make_request()]
    async with running(FakePolicy(nodes=nodes)) as target, running_edge(files, target) as edge:
        first = await edge.send(tokens.make_token(packages[0]), packages[0]["request_id"])
        second = await edge.send(tokens.make_token(packages[1], key=other), packages[1]["request_id"])
        assert [line["node"] for line in edge.logged("callback")] == ["node-1", "node-2"]
    assert (first.kind, second.kind) == ("approved", "approved")


async def test_standing_answers_are_signed_once_under_a_rush(files: EdgeFiles) -> None:
    """Thirty bad tokens at once, on a fresh edge, are one signature."""
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        responses = await asyncio.gather(*(edge.post("garbage") for _ in range(30)))
        assert await edge.metric("placet_edge_signatures_total") == 1
    assert {read(response, None).status for response in responses} == {20}

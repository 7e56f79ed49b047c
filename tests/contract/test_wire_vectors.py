"""The published wire vectors, row by row, against the numbered checks and step 3 of the design.

Rows that get past check 3 are re-signed with the published checker key, changing only `exp`, because they expire in
2100; the row from the future gets its `iat` an hour ahead. The expired, the missing-exp and the official v1 token stay
as they are.
"""

from typing import Any

import keys
import pytest
import tokens
from placet_callback.envelope import CallbackRequest, EnvelopeError, Ping, parse_request, read_response
from placet_callback.token import TokenError, verify_token

NOW = 1_800_000_000

ACCEPTED = {
    "jwt-ok-ping": Ping(request_id=""),
    "jwt-ok-ping-type-only": Ping(request_id=None),
    "jwt-ok-iss-empty": Ping(request_id=""),
    "jwt-ok-iss-absent": Ping(request_id=""),
    "jwt-ok-header-order": Ping(request_id=""),
    "jwt-ok-header-no-typ": Ping(request_id=""),
    "jwt-ok-surrounding-spaces": Ping(request_id=""),
}

REFUSED_AS_SENT = {
    "jwt-v1-docs-sample": (5, "TOKEN_EXPIRED"),
    "jwt-bad-signature-bitflip": (3, "SIGNATURE_NOT_BY_A_PINNED_KEY"),
    "jwt-bad-wrong-key": (3, "SIGNATURE_NOT_BY_A_PINNED_KEY"),
    "jwt-bad-expired": (5, "TOKEN_EXPIRED"),
    "jwt-bad-no-exp": (5, "EXPIRY_MISSING"),
    "jwt-bad-alg-RS384": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-alg-PS256": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-alg-HS256-pem-with-newline": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-alg-none": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-alg-None-case": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-alg-lowercase": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-alg-missing": (2, "ALGORITHM_NOT_RS256"),
    "jwt-bad-two-segments": (1, "TOKEN_NOT_THREE_SEGMENTS"),
    "jwt-bad-empty": (1, "TOKEN_NOT_THREE_SEGMENTS"),
    "jwt-bad-header-not-json": (2, "HEADER_NOT_STRICT_JSON"),
}

REFUSED_WHEN_FRESH = {
    "jwt-bad-iat-future": (6, "IAT_IN_THE_FUTURE"),
    "jwt-edge-aud-present": (6, "AUDIENCE_NOT_CONFIGURED"),
    "jwt-bad-duplicate-claim": (4, "CLAIMS_NOT_STRICT_JSON"),
    "jwt-bad-package-data-absent": (7, "PACKAGE_DATA_MISSING"),
}

REFUSED_AT_STEP_3 = {
    "jwt-bad-package-data-empty": "ENVELOPE_NOT_STRICT_JSON",
    "jwt-bad-package-data-bad-base64": "PACKAGE_DATA_NOT_CANONICAL_BASE64",
    "jwt-bad-package-data-unpadded": "PACKAGE_DATA_NOT_CANONICAL_BASE64",
    "jwt-bad-package-data-not-json": "ENVELOPE_NOT_STRICT_JSON",
    "jwt-bad-package-data-invalid-utf8": "ENVELOPE_NOT_STRICT_JSON",
}

# A form without the field has no token to check: design step 1, at the edge.
WITHOUT_TOKEN = {"jwt-bad-missing-field"}

REQUESTS = {
    "req-type-4": CallbackRequest(request_id="r", request_type=4, request_detail="{}", extra_info="{}"),
    "req-type-5": CallbackRequest(request_id="r", request_type=5, request_detail="{}", extra_info="{}"),
    # What stands inside detail and extra belongs to step 7: these requests travel on and are never approved.
    "req-detail-malformed": CallbackRequest(request_id="rid-1", request_type=2, request_detail="{bad", extra_info="{}"),
    "req-keysign-empty-objects": CallbackRequest(
        request_id="rid-1", request_type=2, request_detail="{}", extra_info="{}"
    ),
    "req-keygen-empty-detail": CallbackRequest(request_id="rid-1", request_type=1, request_detail="", extra_info=""),
    "req-keygen-detail-absent": CallbackRequest(request_id="r", request_type=1, request_detail="", extra_info=""),
}

REFUSED_REQUESTS = {
    "req-duplicate-key": ("ENVELOPE_NOT_STRICT_JSON", "$.request_type"),
    "req-type-string": ("REQUEST_TYPE_NOT_AN_INTEGER", "$.request_type"),
    "req-type-bool": ("REQUEST_TYPE_NOT_AN_INTEGER", "$.request_type"),
}

# Name, status, action, error; the two ping rows are read as answers to a Ping without id.
RESPONSES = {
    "rsp-approve-go": ("approved", 0, "APPROVE", None),
    "rsp-approve-python": ("approved", 0, "APPROVE", None),
    "rsp-approve-v1-go": ("approved", 0, "APPROVE", None),
    "rsp-reject-docs": ("rejected", 0, "REJECT", "destination not in allowlist"),
    "rsp-reject-v2-python": ("undocumented", 30, "REJECT", "..."),
    "rsp-reject-v2-java": ("undocumented", 10, "REJECT", "..."),
    "rsp-reject-v2-go": ("error", 30, None, "reject sign request: ..."),
    "rsp-error-token": ("error", 20, None, "Token has expired"),
    "rsp-ping-v1": ("approved", 0, None, None),
    "rsp-ping-v2": ("approved", 0, "APPROVE", None),
}


def _rows(section: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in keys.vectors()[section]}


def _token(row_id: str, section: str = "jwt") -> str:
    token = _rows(section)[row_id]["token"]
    assert isinstance(token, str)
    return token


def _fresh(token: str) -> str:
    # Only the row from the future has an `iat` that could change.
    return tokens.resign(token, exp=NOW + 120, iat=NOW + 3600)


def test_every_row_of_the_vectors_has_a_test() -> None:
    """No row of the three sections is left out, and no expectation is about a row that is not there."""
    jwt_rows = {**ACCEPTED, **REFUSED_AS_SENT, **REFUSED_WHEN_FRESH, **REFUSED_AT_STEP_3}
    assert set(_rows("jwt")) == set(jwt_rows) | WITHOUT_TOKEN
    assert set(_rows("callback_request_edge_cases")) == set(REQUESTS) | set(REFUSED_REQUESTS)
    assert set(_rows("responses")) == set(RESPONSES)


def test_only_the_row_about_the_missing_field_has_no_token() -> None:
    """The one row that no token check can see is the one that the edge answers at step 1."""
    assert {row_id for row_id, row in _rows("jwt").items() if row["token"] is None} == {"jwt-bad-missing-field"}


@pytest.mark.parametrize("row_id", ACCEPTED)
def test_a_good_token_is_accepted(row_id: str) -> None:
    """A token that the vectors call good passes all seven checks and gives the ping that it holds."""
    verified = verify_token(_fresh(_token(row_id)), nodes=(keys.checker_node(),), now=NOW)
    assert parse_request(verified) == ACCEPTED[row_id]


@pytest.mark.parametrize("row_id", ACCEPTED)
def test_a_good_token_that_lives_until_2100_is_refused(row_id: str) -> None:
    """The good tokens as published fail check 5, because their expiry is further away than a request needs."""
    with pytest.raises(TokenError) as refused:
        verify_token(_token(row_id), nodes=(keys.checker_node(),), now=NOW)
    assert (refused.value.check, refused.value.code) == (5, "EXPIRY_TOO_FAR")


@pytest.mark.parametrize("row_id", REFUSED_AS_SENT)
def test_a_bad_token_is_refused_at_its_check(row_id: str) -> None:
    """A token that the vectors call bad is refused, as published, by the check that its defect belongs to."""
    with pytest.raises(TokenError) as refused:
        verify_token(_token(row_id), nodes=(keys.checker_node(),), now=NOW)
    assert (refused.value.check, refused.value.code) == REFUSED_AS_SENT[row_id]


@pytest.mark.parametrize("row_id", REFUSED_WHEN_FRESH)
def test_a_bad_token_that_is_fresh_is_refused_at_its_check(row_id: str) -> None:
    """A bad token with a good signature and a near expiry is refused by the check that its defect belongs to."""
    with pytest.raises(TokenError) as refused:
        verify_token(_fresh(_token(row_id)), nodes=(keys.checker_node(),), now=NOW)
    assert (refused.value.check, refused.value.code) == REFUSED_WHEN_FRESH[row_id]


@pytest.mark.parametrize("row_id", REFUSED_AT_STEP_3)
def test_bad_package_data_is_refused_at_step_3(row_id: str) -> None:
    """A token whose `package_data` is a string of anything else passes the checks and is refused as an envelope."""
    verified = verify_token(_fresh(_token(row_id)), nodes=(keys.checker_node(),), now=NOW)
    with pytest.raises(EnvelopeError) as refused:
        parse_request(verified)
    assert (refused.value.code, refused.value.path) == (REFUSED_AT_STEP_3[row_id], "$")


@pytest.mark.parametrize("row_id", REQUESTS)
def test_an_odd_request_is_read_as_it_stands(row_id: str) -> None:
    """A request that is odd but unambiguous is read without guessing, and goes on to a decision."""
    token = _fresh(_token(row_id, "callback_request_edge_cases"))
    verified = verify_token(token, nodes=(keys.checker_node(),), now=NOW)
    assert parse_request(verified) == REQUESTS[row_id]


@pytest.mark.parametrize("row_id", REFUSED_REQUESTS)
def test_an_ambiguous_request_is_refused_at_step_3(row_id: str) -> None:
    """A request that two servers read in two ways is refused, with the place."""
    token = _fresh(_token(row_id, "callback_request_edge_cases"))
    verified = verify_token(token, nodes=(keys.checker_node(),), now=NOW)
    with pytest.raises(EnvelopeError) as refused:
        parse_request(verified)
    assert (refused.value.code, refused.value.path) == REFUSED_REQUESTS[row_id]


@pytest.mark.parametrize("form", ["raw", "json_string"])
@pytest.mark.parametrize("row_id", RESPONSES)
def test_a_response_is_named(row_id: str, form: str) -> None:
    """Every published response body gets its one name, bare or as a JSON string."""
    is_ping = row_id.startswith("rsp-ping")
    read = read_response(
        _rows("responses")[row_id]["http_bodies"][form].encode("ascii"),
        server_key=keys.server_public(),
        request_id=None if is_ping else "rid-1",
        now=NOW,
        ping=is_ping,
    )
    assert (read.kind, read.status, read.action, read.error) == RESPONSES[row_id]


def test_a_status_alone_answers_nothing_but_a_ping() -> None:
    """The v1 answer to a Ping, read as the answer to any other request, is undocumented."""
    body = _rows("responses")["rsp-ping-v1"]["http_bodies"]["raw"].encode("ascii")
    read = read_response(body, server_key=keys.server_public(), request_id=None, now=NOW)
    assert (read.kind, read.why) == ("undocumented", "Status 0 without APPROVE or REJECT.")

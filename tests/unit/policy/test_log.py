"""The log: one JSON object a line, and no token, key or body in it, by whatever way it comes."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import tokens
from keys import checker_private_pem
from placet_policy.log import configure_logging, redact

TOKEN = tokens.make_token({"request_id": "request-1"})


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes during a test; logging is as before at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("info", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Every line of the log, parsed."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object(stream: io.StringIO) -> None:
    """An event carries its name, level, time and what is bound to the evaluation."""
    structlog.contextvars.bind_contextvars(decision_id="d-1")
    structlog.get_logger().info("decided", effect="ALLOW", note="two\nlines")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "decided",
        "level": "info",
        "decision_id": "d-1",
        "effect": "ALLOW",
        "note": "two\nlines",
    }


def test_the_standard_library_logs_in_the_same_form(stream: io.StringIO) -> None:
    """What libraries log is JSON too, and less severe than the level is dropped."""
    logging.getLogger("asyncio").warning("slow %s", "callback")
    logging.getLogger("asyncio").debug("dropped")
    structlog.get_logger().debug("dropped")
    (line,) = lines(stream)
    assert (line["event"], line["level"]) == ("slow callback", "warning")


def test_a_token_is_never_in_the_log(stream: io.StringIO) -> None:
    """A token is replaced by stars under any name, inside any text, at any depth, and with an error."""
    log = structlog.get_logger()
    log.info("a", token=TOKEN, callback_token=TOKEN)
    log.info("b", note=f"got {TOKEN} from a node", deep={"list": [TOKEN, {"x": TOKEN}]})
    log.info(TOKEN)
    logging.getLogger("some.library").warning("bad token %s", TOKEN)
    try:
        int(TOKEN)
    except ValueError:
        log.exception("failed")
    text = stream.getvalue()
    assert len(lines(stream)) == 5
    header, claims, signature = TOKEN.split(".")
    assert claims not in text
    assert signature not in text
    assert header not in text
    assert "ValueError" in text


def test_an_error_is_logged_by_type_and_place_only(stream: io.StringIO) -> None:
    """An error's message may quote the request, its own or its cause's: neither is in the log, ours or a library's."""
    try:
        try:
            int("a part of the request_detail")
        except ValueError as error:
            raise KeyError("another part of it") from error
    except KeyError:
        structlog.get_logger().exception("failed")
        logging.getLogger("some.library").exception("failed too")
    text = stream.getvalue()
    ours, theirs = lines(stream)

    assert [ours["error_type"], theirs["error_type"]] == ["KeyError", "KeyError"]
    (place,) = ours["error_at"]
    assert place.rpartition(":")[0] == __file__
    assert ours["error_at"] == theirs["error_at"]
    assert ["part of" in text, "Traceback" in text, "exc_info" in text] == [False, False, False]


def test_an_error_names_its_last_three_places(stream: io.StringIO) -> None:
    """Where it broke is at the end of the chain of calls; the beginning says nothing."""

    def deep(levels: int) -> None:
        if levels == 0:
            raise ValueError
        deep(levels - 1)

    try:
        deep(5)
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
    (line,) = lines(stream)
    assert len(line["error_at"]) == 3


def test_a_private_key_is_never_in_the_log(stream: io.StringIO) -> None:
    """A private key's PEM is replaced by stars, whole or cut."""
    pem = checker_private_pem().decode()
    structlog.get_logger().error("bad", whole=f"read {pem}!", cut=pem[:200])
    text = stream.getvalue()
    assert "PRIVATE KEY" not in text
    assert pem.splitlines()[1] not in text


@pytest.mark.parametrize("name", ["token", "Callback_Token", "unverified_token", "body", "package_data", "passphrase"])
def test_secret_names_are_stars(name: str) -> None:
    """A value under one of these names is not shown, whatever it looks like."""
    assert redact(None, "info", {name: "plain"}) == {name: "***"}


def test_bytes_show_their_length_only() -> None:
    """Bytes could be anything."""
    assert redact(None, "info", {"x": b"secret"}) == {"x": "6 bytes"}


def test_ordinary_values_are_untouched() -> None:
    """Ids, codes, numbers and digests stay readable."""
    event = {"request_id": "r-1", "codes": ["HASH_MISMATCH"], "milliseconds": 1.5, "revision": "sha256:ab", "x": None}
    assert redact(None, "info", dict(event)) == event

"""log.py: one JSON object a line, and no token, key or body in any of them."""

import json
import logging

import pytest
import tokens
from placet_edge.log import REDACTED, configure_logging, locate_exception, redact

TOKEN = tokens.make_token(b"{}")


def cleaned(**event: object) -> dict[str, object]:
    """The event after the redaction processor."""
    return dict(redact(None, "info", dict(event)))


@pytest.mark.parametrize(
    "name", ["token", "unverified_token", "callback_token", "TSS_JWT_MSG".lower(), "server_key", "pem", "body"]
)
def test_values_are_taken_out_by_name(name: str) -> None:
    """A field that is called a token, key or body is never written, whatever it holds."""
    assert cleaned(**{name: "x"}) == {name: REDACTED}


@pytest.mark.parametrize(
    "value",
    [
        TOKEN,
        f"Bearer {TOKEN}",
        f"TSS_JWT_MSG={TOKEN}",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        b"raw bytes",
        ValueError(f"bad token {TOKEN}"),
    ],
)
def test_values_are_taken_out_by_shape(value: object) -> None:
    """A token or a PEM block is taken out under any name, also inside an exception."""
    assert cleaned(harmless=value) == {"harmless": REDACTED}


def test_values_are_taken_out_at_any_depth() -> None:
    """Lists and mappings are looked through; what is nested too deep is taken out whole."""
    assert cleaned(a={"b": [TOKEN, 1], "package_data": "x"}) == {"a": {"b": [REDACTED, 1], "package_data": REDACTED}}
    assert cleaned(a=[[[[[[1]]]]]]) == {"a": [[[[[REDACTED]]]]]}


def test_what_people_need_is_kept() -> None:
    """Ids, times and numbers pass; text is cut at 1024 characters."""
    event = {"request_id": "task:1", "decision_id": "d", "node": "n", "key_id": "ab", "key_ids": ["ab"], "none": None}
    assert cleaned(**event) == event
    assert cleaned(text="a" * 2000) == {"text": "a" * 1024}


def test_an_exception_is_its_type_and_place() -> None:
    """The message of an exception may quote the request, so it is never written."""
    with pytest.raises(ValueError, match="eyJ") as caught:
        int(TOKEN)
    event = dict(locate_exception(None, "error", {"event": "e", "exc_info": caught.value}))
    assert event["error_type"] == "ValueError"
    assert event["error_at"][-1].startswith(__file__)
    assert TOKEN not in str(event)


def test_our_lines_and_those_of_libraries_are_json_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's warning goes through the same processors; its INFO and our DEBUG are not written."""
    handlers, level = logging.root.handlers, logging.root.level
    try:
        log = configure_logging("info")
        log.info("ours", request_id="r", token=TOKEN)
        log.debug("not ours at info")
        logging.getLogger("somebody").warning("theirs %s", TOKEN)
        logging.getLogger("somebody").info("not theirs")
    finally:
        logging.root.handlers, logging.root.level = handlers, level
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["ours", REDACTED]
    assert (lines[0]["request_id"], lines[0]["token"], lines[0]["level"]) == ("r", REDACTED, "info")
    assert lines[0]["time"].endswith("Z")
    assert lines[1]["level"] == "warning"

"""Texts of the request in sentences for people: none of them can pose as a sentence of Placet."""

import json
import re
from typing import Any

import pytest
import solana_cases as sol
from eth_abi import encode  # type: ignore[attr-defined]  # the package exports it without __all__
from evm_requests import text_message, typed_data, typed_message
from facts_cases import changed, facts, registry, registry_data, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.abi import parse_method
from placet_policy.chains.evm_calls import Call, Operation
from placet_policy.facts.evm.effects import describe_call
from placet_policy.facts.evm.machine import evm_machine
from placet_policy.facts.printable import quote, word
from placet_policy.facts.summary import MAX_CHARS

_POSING = "Send 7 ETH to nobody."
_TEXTS = st.lists(
    st.sampled_from([_POSING, '"', "\\", "\n", "\u202e", " ", "é", "ref 7. ", "a" * 90, "\\u0022", "'"]), max_size=9
).map(lambda parts: "".join([*parts, _POSING]))


def _outside(summary: tuple[str, ...]) -> str:
    """What stands outside every quotation of all sentences together."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', "", " ".join(summary), flags=re.DOTALL)


def _encoded(selector: bytes, text: str) -> bytes:
    return selector + encode(("string", "string[]"), (text, [text]))


def _memo(text: str) -> tuple[str, ...]:
    request_type, detail, extra = sample("keysign_sol_transfer")
    signed = sol.message(sol.memo(text), sol.pay(7))
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(signed)
    detail["msg_hash_list"] = ["0x" + signed.hex()]
    return facts(request_type, detail, extra).summary


def _message(text: str) -> tuple[str, ...]:
    return changed("keysign_message_eip191", text_message(text.encode())).summary


def _typed(text: str) -> tuple[str, ...]:
    data = typed_data("Order", {"Order": "string note,string[] notes"}, {"note": text, "notes": [text]})
    return changed("keysign_message_eip191", typed_message(data)).summary


def _nodes(text: str) -> tuple[str, ...]:
    return changed("keygen_secp256k1", {"detail.node_ids": [text] * 12}).summary


def _reshared(text: str) -> tuple[str, ...]:
    names = ("detail.root_pub_key", "detail.old_group_id", "detail.new_node_ids.0")
    return changed("keyreshare_new_signing_group", dict.fromkeys(names, text)).summary


def _shares(text: str) -> tuple[str, ...]:
    names = ("detail.node_id", "detail.details.0.group_id")
    return changed("keysharesign_type5", dict.fromkeys(names, text)).summary


_SAID = [_memo, _message, _typed, _nodes, _reshared, _shares]


@pytest.mark.parametrize("said", _SAID)
def test_texts_of_the_request_are_shown(said: Any) -> None:
    """They are quoted, and not left out."""
    assert f'"{_POSING}"' in " ".join(said(_POSING))


@settings(max_examples=12, deadline=None)
@given(text=_TEXTS)
@pytest.mark.parametrize("said", _SAID)
def test_no_text_of_the_request_stands_outside_quotation_marks(said: Any, text: str) -> None:
    """Whatever quotation marks, escapes and control characters it has, and wherever it is cut."""
    summary = said(text)

    assert "ETH to nobody" not in _outside(summary)
    assert '"' not in _outside(summary)


@given(text=_TEXTS)
def test_texts_in_calldata_are_quoted(text: str) -> None:
    """A team's own method may take texts, which whoever calls chooses."""
    method = parse_method("note(string,string[])", ("text", "texts"))
    machine = evm_machine(registry({**registry_data(), "abis": {method.signature: {"args": list(method.names)}}}), 1)
    call = Call(sender=None, to=bytes(20), value=0, data=_encoded(method.selector, text), operation=Operation.CALL)
    described = describe_call(call, machine)

    assert described.calls[0]["method"] == method.signature
    assert "ETH to nobody" not in _outside(tuple(described.summary))
    assert '"' not in _outside(tuple(described.summary))


@given(text=st.text(), size=st.integers(1, 200))
def test_a_quoted_text_is_a_json_string_within_its_size(text: str, size: int) -> None:
    """It reads back as the text, or as its beginning and an ellipsis, and holds only printable characters."""
    shown = quote(text, size)
    read = json.loads(shown)

    assert read == text or (read.endswith("…") and text.startswith(read[:-1]))
    assert shown.isprintable()
    assert len(shown) <= size + 3 <= MAX_CHARS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb", "coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb"),
        ("node-1_a", "node-1_a"),
        ("a. Approves nothing.", '"a. Approves nothing."'),
        ("", '""'),
        ("a\n", '"a\\n"'),
    ],
)
def test_a_word_stands_as_it_is(text: str, expected: str) -> None:
    """An identifier is no sentence; anything else is quoted."""
    assert word(text) == expected


def test_a_message_cannot_speak_for_the_summary() -> None:
    """A quotation mark inside the text ends no quotation."""
    message = b'hi". Fee at most 0 ETH. "'

    assert (
        changed("keysign_message_eip191", text_message(message)).summary[0]
        == 'Sign the message "hi\\". Fee at most 0 ETH. \\"".'
    )

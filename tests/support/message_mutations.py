"""EVM messages: random honest ones that ethers hashes, their changes, and what ethers hashes of them."""

import base64
import binascii
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from account_mutations import octets
from context_mutations import context_changed, note_changed
from ethers_oracle import ask, keep
from evm_honest import REGISTRY
from facts_cases import sample
from mutation import Change, changed, damaged, get, mistyped
from placet_policy.chains.eip712 import TypedDataError, read_typed_data
from placet_policy.chains.messages import personal_digest
from typed_data_random import Typed, typed_data
from typed_data_random import changed as changed_data

_DESTINATION = "extra.transaction.destination"
_MESSAGE = f"{_DESTINATION}.message"
_DATA = f"{_DESTINATION}.structured_data"
_RAW = f"{_DESTINATION}.raw_structured_data"
_HASHES = "detail.msg_hash_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An honest request, the digest of ethers, and what it is about: bytes, or typed data in its spellings."""

    request: dict[str, Any]
    digest: str
    message: bytes = b""
    typed: Typed | None = None


def message_request(destination: dict[str, Any], digest: str) -> dict[str, Any]:
    """The sample of a message with another one."""
    _, detail, extra = sample("keysign_message_eip191")
    detail["msg_hash_list"] = [digest]
    extra["transaction"]["destination"] = destination
    return {"detail": detail, "extra": extra}


def personal_request(message: bytes, digest: str) -> dict[str, Any]:
    """A request for a message of EIP-191."""
    text = base64.b64encode(message).decode()
    return message_request({"destination_type": "EVM_EIP_191_Signature", "message": text}, digest)


def typed_request(data: Any, digest: str, raw: str | None) -> dict[str, Any]:
    """A request for typed data of EIP-712."""
    kind = "EVM_EIP_712_Signature"
    return message_request({"destination_type": kind, "structured_data": data, "raw_structured_data": raw}, digest)


def random_message(numbers: random.Random) -> bytes:
    """Bytes or text, of lengths at which the number of digits of the length changes, too."""
    length = numbers.choice([1, 9, 10, 32, 64, 99, 100, numbers.randrange(1, 1_500)])
    return numbers.choice([numbers.randbytes(length), numbers.randbytes(length).hex().encode(), "nº 7".encode()])


def personal_digests(messages: Sequence[bytes]) -> list[str]:
    """The digests of EIP-191."""
    return [one["digest"] for one in keep(ask([{"ask": "personal", "message": one.hex()} for one in messages]))]


class PersonalMessages:
    """EIP-191: what is signed is the message, so its bytes are those that are declared."""

    request_type = 2
    registry = REGISTRY
    exact = True

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random messages; no two alike."""
        messages = [random_message(numbers) + numbers.randbytes(4) for _ in range(count)]
        return [
            Case(request=personal_request(message, digest), digest=digest, message=message)
            for message, digest in zip(messages, personal_digests(messages), strict=True)
        ]

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """Damaged bytes of the message, or of its digest."""
        if numbers.random() < 0.3:
            name, digest = damaged(bytes.fromhex(one.digest[2:]), bytes.fromhex(other.digest[2:]), numbers)
            return changed(f"digest's {name}", one.request, {_HASHES: ["0x" + digest.hex()]})
        name, message = damaged(one.message, other.message, numbers)
        # With the digest that we make of it, which is compared with that of ethers.
        own = {_HASHES: ["0x" + personal_digest(message).hex()]} if numbers.random() < 0.3 else {}
        return changed(name, one.request, {_MESSAGE: base64.b64encode(message).decode(), **own})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        text = get(one.request, _MESSAGE)
        if numbers.random() < 0.4:
            other = numbers.choice([mistyped(text, numbers), text.rstrip("="), text + "=", text + "\n", text[:-4]])
            # Python's decoder takes what is not canonical, e.g. bits behind the last byte.
            return changed("message", one.request, {_MESSAGE: other}, odd=True)
        return _around(one.request, numbers)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        return _swapped(one.request, other.request, numbers, [(_MESSAGE,)])

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether the one hash is the digest that ethers makes of the declared message."""
        messages = [_decoded(get(change.request, _MESSAGE)) for change in changes]
        digests = personal_digests([message or b"" for message in messages])
        return [
            bool(message) and _destination_is(change.request, "EVM_EIP_191_Signature") and _signs(change, digest)
            for change, message, digest in zip(changes, messages, digests, strict=True)
        ]


class TypedMessages:
    """EIP-712; the bytes are those of the JSON text that stands beside the data, and of the digest."""

    request_type = 2
    registry = REGISTRY
    # ethers takes values that we do not, e.g. a number where a text is due.
    exact = False

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random typed data, every other time with its text."""
        cases = [typed_data(numbers) for _ in range(count)]
        digests = [one["digest"] for one in keep(ask([{"ask": "typed", "data": one.asked} for one in cases]))]
        texts = [numbers.choice([None, json.dumps(one.asked)]) for one in cases]
        return [
            Case(request=typed_request(one.asked, digest, text), digest=digest, typed=one)
            for one, digest, text in zip(cases, digests, texts, strict=True)
        ]

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """Damaged bytes of the text, or of the digest."""
        data, foreign = get(one.request, _DATA), get(other.request, _DATA)
        if numbers.random() < 0.3:
            name, digest = damaged(bytes.fromhex(one.digest[2:]), bytes.fromhex(other.digest[2:]), numbers)
            return changed(f"digest's {name}", one.request, {_HASHES: ["0x" + digest.hex()]})
        name, text = damaged(json.dumps(data).encode(), json.dumps(foreign).encode(), numbers)
        return changed(name, one.request, {_RAW: text.decode("utf-8", "replace")})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One place of the data changed, in the text alone, in the data alone, or in both."""
        if numbers.random() < 0.3:
            return _around(one.request, numbers)
        assert one.typed is not None
        data = changed_data(one.typed.asked, numbers)
        both: dict[str, Any] = {_DATA: data, _RAW: json.dumps(data)}
        names = numbers.choice([[_DATA], [_RAW], [_DATA, _RAW]])
        own = {} if numbers.random() < 0.4 else _own_digest(data)
        return changed(
            f"data: {', '.join(name.rpartition('.')[2] for name in names)}",
            one.request,
            {name: both[name] for name in names} | own,
        )

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        names = ("types", "domain", "primaryType", "message")
        return _swapped(
            one.request,
            other.request,
            numbers,
            [(_DATA,), (_RAW,), (_DATA, _RAW), *((f"{_DATA}.{name}",) for name in names)],
        )

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether the one hash is the digest that ethers makes of the data, and of the text beside it."""
        data = [get(change.request, _DATA) for change in changes]
        texts = [get(change.request, _RAW) for change in changes]
        both = [_loaded(text, one) for text, one in zip(texts, data, strict=True)]
        answers = ask([{"ask": "typed", "data": one} for one in [*data, *both]])
        digests, beside = answers[: len(data)], answers[len(data) :]
        return [
            _destination_is(change.request, "EVM_EIP_712_Signature")
            and _signs(change, one.get("digest"))
            and one.get("digest") == other.get("digest")
            for change, one, other in zip(changes, digests, beside, strict=True)
        ]


def _own_digest(data: Any) -> dict[str, Any]:
    """What we make of the changed data, as its hash: nothing may be proven of which ethers makes another one."""
    try:
        return {_HASHES: ["0x" + read_typed_data(data).digest.hex()]}
    except TypedDataError:
        return {}


def _around(request: dict[str, Any], numbers: random.Random) -> Change:
    kind = numbers.choice(["hash", "chain", "context", "context", "note"])
    if kind == "hash":
        text = get(request, f"{_HASHES}.0")
        forms = [text.upper().replace("0X", "0x"), text[2:], text[:-2], text + "00", mistyped(text, numbers)]
        return changed("hash", request, {f"{_HASHES}.0": numbers.choice(forms)}, odd=True)
    if kind == "chain":
        chain = {"extra.transaction.chain_id": numbers.choice(["TRON", "ETC", "SOL"])}
        # A token that nobody knows is on no other chain.
        token = {"extra.transaction.token_id": "ETC"}
        return (
            changed("chain", request, chain, never=True) if numbers.random() < 0.5 else changed("token", request, token)
        )
    return (context_changed if kind == "context" else note_changed)(request, numbers)


def _swapped(
    one: dict[str, Any], other: dict[str, Any], numbers: random.Random, own: Sequence[tuple[str, ...]]
) -> Change:
    paths = numbers.choice([*own, (_HASHES,), (_DESTINATION,), (_DESTINATION, _HASHES), ("extra",), ("detail",)])
    return changed(f"swap: {', '.join(paths)}", one, {path: get(other, path) for path in paths})


def _destination_is(request: dict[str, Any], kind: str) -> bool:
    transaction = request["extra"]["transaction"]
    return (transaction["type"], transaction["destination"]["destination_type"]) == ("MessageSign", kind)


def _signs(change: Change, digest: str | None) -> bool:
    hashes = [octets(text) for text in change.request["detail"]["msg_hash_list"]]
    return digest is not None and hashes == [octets(digest)]


def _decoded(text: Any) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except binascii.Error:
        return None


def _loaded(text: str | None, absent: Any) -> Any:
    """The text's JSON; what stands beside it where there is none, and nothing where it is no JSON."""
    if not text:
        return absent
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

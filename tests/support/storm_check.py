"""What must hold after processes were killed under load: the clients' answers beside the ledger's decisions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LINKED = 64
"""As many earlier decisions a record names at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One try of a client.

    Attributes:
        token_sha256: of the token that was sent, hexadecimal.
        effect: ``ALLOW`` for a verified APPROVE, ``DENY`` for a verified REJECT, None when the connection gave nothing.
    """

    request_id: str
    token_sha256: str
    effect: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a request would move. Of those with one nonce only one can happen.

    Attributes:
        amount: wei.
    """

    request_id: str
    nonce: int
    amount: int


Decision = Mapping[str, Any]
"""A decision as `ledger list` gives it."""


def findings(
    asked: Iterable[Asked], decisions: Sequence[Decision], payments: Mapping[str, Payment], *, limit: int
) -> list[str]:
    """Everything that is wrong, one sentence each.

    Args:
        asked: every try of every client.
        decisions: all of the ledger, in the order in which they arrived.
        payments: by request_id; what is not named here moves nothing.
        limit: wei that the window has room for.
    """
    tries = list(asked)
    about = _by_request(decisions)
    found = [*_unrecorded(tries, decisions), *_unanswered(tries, about), *_unlinked(about), *_counted_again(about)]
    found += [
        f"the record of decision {each['decision_id']} does not verify" for each in decisions if not each["verified"]
    ]
    used = spent(decisions, payments)
    if used > limit:
        found.append(f"{used} wei are allowed, {used - limit} more than the window has room for")
    return found


def spent(decisions: Iterable[Decision], payments: Mapping[str, Payment]) -> int:
    """Wei that the recorded approvals can move: of those with one nonce, the largest."""
    return sum(_largest(decisions, payments).values())


def counted(decisions: Iterable[Decision], payments: Mapping[str, Payment]) -> int:
    """How many payments the recorded approvals can make happen."""
    return len(_largest(decisions, payments))


def _largest(decisions: Iterable[Decision], payments: Mapping[str, Payment]) -> dict[int, int]:
    largest: dict[int, int] = defaultdict(int)
    for each in decisions:
        payment = payments.get(each["request_id"])
        if payment is not None and each["effect"] == "ALLOW":
            largest[payment.nonce] = max(largest[payment.nonce], payment.amount)
    return largest


def _by_request(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    about: dict[str, list[Decision]] = defaultdict(list)
    for each in decisions:
        about[each["request_id"]].append(each)
    return about


def _unrecorded(asked: Iterable[Asked], decisions: Iterable[Decision]) -> Iterator[str]:
    """Answers without a record. One token may have been sent twice, and then has two records."""
    received = Counter((each.request_id, each.token_sha256, each.effect) for each in asked if each.effect is not None)
    recorded = Counter((each["request_id"], each["token_sha256"], each["effect"]) for each in decisions)
    for request_id, token_sha256, effect in (received - recorded).elements():
        yield f"{effect} of {request_id} was received for token {token_sha256}, and is not recorded"


def _unanswered(asked: Iterable[Asked], about: Mapping[str, Sequence[Decision]]) -> Iterator[str]:
    """Requests that nobody decided in the end: neither answered, nor held on record."""
    answered: dict[str, bool] = {}
    for each in asked:
        answered[each.request_id] = answered.get(each.request_id, False) or each.effect is not None
    for request_id, done in answered.items():
        newest = about[request_id][-1]["effect"] if about.get(request_id) else None
        if not done and newest != "HOLD":
            yield f"{request_id} was never answered, its newest record is {newest}"


def _unlinked(about: Mapping[str, Sequence[Decision]]) -> Iterator[str]:
    """Records that do not name those before them about the same request."""
    for request_id, records in about.items():
        before: list[str] = []
        for each in records:
            if len(before) <= _LINKED and each["earlier"] != before:
                yield f"decision {each['decision_id']} about {request_id} names {each['earlier']}, not {before}"
            before.append(each["decision_id"])


def _counted_again(about: Mapping[str, Sequence[Decision]]) -> Iterator[str]:
    """Approved requests that were refused the room that they have already."""
    for request_id, records in about.items():
        effects = [each["effect"] for each in records]
        if "ALLOW" in effects and set(effects[effects.index("ALLOW") :]) != {"ALLOW"}:
            yield f"{request_id} was allowed and later was not: {effects}"

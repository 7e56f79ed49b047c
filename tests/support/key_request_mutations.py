"""KeyGen, KeyReshare and KeyShareSign: random honest requests and changes of everything that is compared in them.

No library of wallets knows these requests (protocol d.7, d.9, d.10). What has to agree with what is written down here,
by hand and by path; every id differs from one request to the next, so that a swapped part never fits by chance.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import base58
from facts_cases import CPUB, FOREIGN_KEY, ROOT_KEY, registry, registry_data, sample
from mutation import Change, changed, damaged, get, mistyped

_TARGET, _SOURCE = "extra.target_key_share_holder_group", "extra.source_key_share_holder_group"
_HELD = "extra.validity_key_share_holder_groups.0"
_TASK = "extra.tss_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One request type.

    Attributes:
        request_type: The envelope's number.
        sample: The honest request that random ones are made of.
        free: Members of request_detail that nothing is compared with.
        texts: Compared texts, every other value of which contradicts or cannot be proven.
        others: Compared values and what may stand there instead.
        swaps: Parts that may not come from another request.
    """

    request_type: int
    sample: str
    free: frozenset[str]
    texts: tuple[str, ...]
    others: tuple[tuple[str, tuple[Any, ...]], ...]
    swaps: tuple[str, ...]


_GROUP_TEXTS = ("key_share_holder_group_id", "key_share_holders.0.tss_node_id")
_GROUP_OTHERS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("threshold", (0, 9, "2", None)),
    ("key_share_holders", ([], None)),
)
_NEW_GROUP = (("participants", (0, 2, 99, "3", None)),)


def _in(group: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{group}.{name}" for name in names)


def _others_in(group: str, rows: Sequence[tuple[str, tuple[Any, ...]]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    return tuple((f"{group}.{name}", values) for name, values in rows)


KEY_GEN = Plan(
    request_type=1,
    sample="keygen_secp256k1",
    free=frozenset({"task_id"}),
    texts=(
        "detail.node_ids.0",
        *_in(_TARGET, _GROUP_TEXTS),
        f"{_TASK}.tss_request_id",
        f"{_TASK}.target_key_share_holder_group_id",
        f"{_TASK}.type",
    ),
    others=(
        ("detail.threshold", (0, 9, "2", True, None)),
        ("detail.curve", (1, 3, "0", None)),
        ("detail.node_ids", ([], None)),
        # Absent, or a number as in the provider's example, it is compared with nothing (protocol d.2).
        ("detail.biz_task_id", ("another", "", 7)),
        ("detail.later", (1,)),
        *_others_in(_TARGET, (*_GROUP_OTHERS, *_NEW_GROUP)),
        (f"{_TARGET}.tss_key_share_groups", ([{"curve": "ED25519"}], [{"curve": "P256"}])),
        (_TARGET, (None, [])),
        (f"{_TASK}.type", ("Recovery", "KeyGenFromKeyGroup")),
        (_TASK, (None, [])),
        ("extra.project.threshold", (1, 9)),
        ("extra.vault.project_id", ("another",)),
    ),
    swaps=("detail", "detail.node_ids", "detail.biz_task_id", _TARGET, f"{_TARGET}.key_share_holders", _TASK),
)
KEY_RESHARE = Plan(
    request_type=3,
    sample="keyreshare_new_signing_group",
    free=frozenset({"task_id"}),
    texts=(
        "detail.old_group_id",
        "detail.root_pub_key",
        "detail.used_node_ids.0",
        "detail.new_node_ids.0",
        *_in(_TARGET, _GROUP_TEXTS),
        *_in(_SOURCE, _GROUP_TEXTS),
        f"{_SOURCE}.tss_key_share_groups.0.tss_key_share_group_id",
        f"{_SOURCE}.tss_key_share_groups.0.root_pubkey",
        f"{_SOURCE}.tss_key_share_groups.0.curve",
        "extra.vault.root_pubkeys.0.root_pubkey",
        f"{_TASK}.tss_request_id",
        f"{_TASK}.target_key_share_holder_group_id",
        f"{_TASK}.type",
    ),
    others=(
        ("detail.old_threshold", (0, 9, "2", None)),
        ("detail.new_threshold", (0, 9, "2", None)),
        ("detail.curve", (1, 2, "0", None)),
        ("detail.root_pub_key", (FOREIGN_KEY, CPUB)),
        ("detail.used_node_ids", ([], None)),
        ("detail.new_node_ids", ([], None)),
        ("detail.biz_task_id", ("another", "", 7)),
        *_others_in(_TARGET, (*_GROUP_OTHERS, *_NEW_GROUP)),
        *_others_in(_SOURCE, _GROUP_OTHERS),
        (_TARGET, (None, [])),
        (_SOURCE, (None, [])),
        (f"{_TASK}.type", ("KeyGen", "Other")),
        (f"{_TASK}.source_key_share_holder_group.key_share_holder_group_id", ("another",)),
        (f"{_TASK}.source_key_share_holder_group.tss_node_ids", (["another"],)),
        (_TASK, (None, [])),
        ("extra.vault", (None, [])),
    ),
    swaps=(
        "detail",
        "detail.used_node_ids",
        "detail.new_node_ids",
        "detail.old_group_id",
        "detail.biz_task_id",
        _TARGET,
        _SOURCE,
        _TASK,
    ),
)
KEY_SHARE_SIGN = Plan(
    request_type=5,
    sample="keysharesign_type5",
    free=frozenset({"task_id", "biz_task_id", "message"}),
    texts=(
        "detail.node_id",
        "detail.details.0.group_id",
        f"{_HELD}.tss_key_share_groups.0.tss_key_share_group_id",
    ),
    others=(
        ("detail.details", ([], None, [{}])),
        ("detail.details.0.message", ("", "0x", "0xz", None)),
        (f"{_HELD}.key_share_holders", ([], None)),
        (f"{_HELD}.tss_key_share_groups", ([], None)),
        ("extra.validity_key_share_holder_groups", ([], None)),
        ("extra.wallet.vault_id", ("another",)),
    ),
    swaps=("detail", "detail.node_id", "detail.details", "extra.validity_key_share_holder_groups"),
)


class KeyRequests:
    """One request type of keys."""

    registry = registry(registry_data())

    def __init__(self, plan: Plan) -> None:
        """Changes of one type."""
        self._plan = plan
        self.request_type = plan.request_type
        # A message that is compared with nothing must still be hexadecimal.
        self.exact = "message" not in plan.free

    def honest(self, count: int, numbers: random.Random) -> Sequence[dict[str, Any]]:
        """The sample with other ids, nodes and groups wherever they stand."""
        return [_renamed(self._plan.sample, numbers) for _ in range(count)]

    def changed_bytes(self, one: dict[str, Any], other: dict[str, Any], numbers: random.Random) -> Change:
        """Damaged text of request_detail, which is what the nodes act upon."""
        name, text = damaged(json.dumps(one["detail"]).encode(), json.dumps(other["detail"]).encode(), numbers)
        shown = text.decode("utf-8", "replace")
        return changed(name, {**one, "before": one["detail"]}, {"detail": shown})

    def declared(self, one: dict[str, Any], _other: dict[str, Any], numbers: random.Random) -> Change:
        """One compared statement, or one that nothing is compared with."""
        if numbers.random() < 0.1:
            path = numbers.choice(["extra.org.name", "extra.later", "extra.project.name"])
            return changed("note", one, {path: numbers.choice(["", "x", None])})
        if numbers.random() < 0.5:
            path = numbers.choice(self._plan.texts)
            return changed(path, one, {path: mistyped(get(one, path), numbers)}, never=True)
        path, values = numbers.choice(self._plan.others)
        return changed(path, one, {path: numbers.choice(values)}, never=True)

    def swap(self, one: dict[str, Any], other: dict[str, Any], numbers: random.Random) -> Change:
        """A compared part of the other request, or all that goes together."""
        path = numbers.choice([*self._plan.swaps, "extra"])
        if numbers.random() < 0.1:
            return changed("swap: all", one, {"detail": other["detail"], "extra": other["extra"]})
        return changed(f"swap: {path}", one, {path: get(other, path)}, never=True)

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether a damaged request_detail still says the same, as Python's own parser reads it."""
        return [
            not isinstance(change.request["detail"], str)
            or self._says(change.request["detail"]) == self._without_free(change.request["before"])
            for change in changes
        ]

    def _says(self, text: str) -> Any:
        try:
            return self._without_free(json.loads(text))
        except (ValueError, RecursionError):
            return None

    def _without_free(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._without_free(one) for name, one in value.items() if name not in self._plan.free}
        return [self._without_free(one) for one in value] if isinstance(value, list) else value


def _renamed(name: str, numbers: random.Random) -> dict[str, Any]:
    """The same request with every id replaced, wherever it stands, by one that no other request has."""
    _, detail, extra = sample(name)
    text = json.dumps({"detail": detail, "extra": extra})
    for old in sorted(_ids(detail) | _ids(extra)):
        text = text.replace(f'"{old}"', f'"{_id_like(old, numbers)}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _ids(value: Any) -> set[str]:
    """Node ids, group ids and UUIDs; keys stay what they are."""
    if isinstance(value, str):
        return {value} if len(value) >= 20 and value not in (ROOT_KEY, CPUB) and not value.startswith("0x") else set()
    entries = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return set().union(*map(_ids, entries))


def _id_like(old: str, numbers: random.Random) -> str:
    if old.isdecimal():
        return str(numbers.randrange(10**19, 10**20))
    if old.startswith("cobo"):
        return "cobo" + base58.b58encode(numbers.randbytes(33)).decode()
    digits = numbers.randbytes(16).hex()
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])

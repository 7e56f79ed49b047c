"""The callback requests that ``placet up``, ``placet node send`` and the tests share.

Each file is kept whole as the protocol's study made it (``_meta`` says what is official and what constructed). None was
captured from a real node. What Placet answers to each with the demonstration data stands in ``expected.yaml``.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from placet_callback.envelope import encode_request
from placet_callback.token import load_private_key

_EFFECTS = ("ALLOW", "DENY", "HOLD", "PING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What Placet makes of a sample with the demonstration data.

    Attributes:
        effect: ``ALLOW``, ``DENY`` or ``HOLD``; ``PING`` is answered with status 0 and no decision.
        codes: Every reason code of the decision, in no particular order; empty for ALLOW and PING.
        note: Why, for people.
    """

    effect: str
    codes: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One callback request.

    Attributes:
        id: The file's name without its suffix.
        title: One phrase: what is asked for.
        request: The envelope's fields as sent (protocol c.1); a ping lacks some or all of them.
        expected: What Placet makes of it.
        attack: It must never be approved.
        derivation_consistent: The child key of root_pub_key and path gives the source address. A benign sample where
            it does not is not expected to pass.
    """

    id: str
    title: str
    request: Mapping[str, Any]
    expected: Expected
    attack: bool
    derivation_consistent: bool

    @property
    def is_ping(self) -> bool:
        """A ping asks for no decision, and a signed status 0 answers it."""
        return self.expected.effect == "PING"

    def package(self, request_id: str | None = None) -> tuple[bytes, str | None]:
        """Write the envelope, content unchanged, under a request_id of its own.

        Args:
            request_id: An earlier id, where reuse is what is tried. Without it a new one is made, ``<sample id>-<8 hex
                digits>``; a ping keeps its form, without any.

        Returns:
            The envelope's JSON bytes and the request_id they bear; None where they bear none.
        """
        if request_id is None and not self.is_ping:
            request_id = f"{self.id}-{uuid.uuid4().hex[:8]}"
        package = encode_request(
            request_id,
            self.request.get("request_type"),
            self.request.get("request_detail"),
            self.request.get("extra_info"),
        )
        return package, request_id


@cache
def samples() -> tuple[Sample, ...]:
    """Read every sample, benign ones first, each kind in the order of its names.

    Raises:
        ValueError: ``expected.yaml`` and the files do not name the same samples, or an entry of it is malformed.
    """
    folder = resources.files(__name__)
    expected = _read_expected(folder / "expected.yaml")
    found = [_read(file, expected, attack=False) for file in _json_files(folder)]
    found += [_read(file, expected, attack=True) for file in _json_files(folder / "attacks")]
    surplus = expected.keys() - {sample.id for sample in found}
    if surplus:
        raise ValueError(f"expected.yaml names samples that are not there: {', '.join(sorted(surplus))}")
    return tuple(found)


def sample(sample_id: str) -> Sample | None:
    """Find a sample by its id."""
    return next((one for one in samples() if one.id == sample_id), None)


def test_node_key() -> RSAPrivateKey:
    """Read the published test key that stands for the node's.

    It comes from the official callback server's own tests, so anyone has it: never pin it on a server that matters.
    """
    return load_private_key((resources.files(__name__) / "test-node.pem").read_bytes())


def _json_files(folder: Traversable) -> list[Traversable]:
    return sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)


def _read(file: Traversable, expected: Mapping[str, Expected], *, attack: bool) -> Sample:
    content = json.loads(file.read_bytes())
    sample_id = file.name.removesuffix(".json")
    if sample_id not in expected:
        raise ValueError(f"expected.yaml does not name {sample_id}")
    return Sample(
        id=sample_id,
        title=content["_meta"]["description"],
        request=content["callback_request"],
        expected=expected[sample_id],
        attack=attack,
        derivation_consistent=content["_meta"]["derivation_consistent"],
    )


def _read_expected(file: Traversable) -> dict[str, Expected]:
    entries = yaml.safe_load(file.read_bytes())
    return {sample_id: _expected(sample_id, entry) for sample_id, entry in entries.items()}


def _expected(sample_id: str, entry: Mapping[str, Any]) -> Expected:
    effect, codes = entry["effect"], tuple(entry["codes"])
    # Only a refusal has reasons, and every refusal has one.
    if effect not in _EFFECTS or bool(codes) != (effect in {"DENY", "HOLD"}):
        raise ValueError(f"expected.yaml: {sample_id} has no effect that fits its codes")
    return Expected(effect=effect, codes=codes, note=entry["note"])

"""How many requests the differential tests build and change: the one place that says it.

Every test takes its number from here and proves that it did as many; the sums are held to the promised ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from node_oracle import LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is done with the requests of one subject.

    Attributes:
        honest: Random honest requests that are proven, and compared field by field where there is an oracle.
        changed_bytes: Changes of what is signed: a byte of it, or another transaction that differs in one field.
        declared: Changes of one declared field.
        swaps: Parts of another valid request in their place.
    """

    honest: int
    changed_bytes: int
    declared: int
    swaps: int

    @property
    def changed(self) -> int:
        """All changes together."""
        return self.changed_bytes + self.declared + self.swaps


QUICK: Mapping[str, Counts] = MappingProxyType(
    {
        "evm": Counts(honest=600, changed_bytes=900, declared=700, swaps=500),
        "eip191": Counts(honest=200, changed_bytes=100, declared=150, swaps=100),
        "eip712": Counts(honest=200, changed_bytes=200, declared=300, swaps=150),
        "tron": Counts(honest=400, changed_bytes=500, declared=350, swaps=250),
        "solana": Counts(honest=400, changed_bytes=500, declared=350, swaps=250),
        "tron_call": Counts(honest=100, changed_bytes=150, declared=150, swaps=80),
        "solana_call": Counts(honest=150, changed_bytes=150, declared=170, swaps=80),
        "bitcoin": Counts(honest=250, changed_bytes=300, declared=250, swaps=150),
        "key_gen": Counts(honest=60, changed_bytes=80, declared=80, swaps=40),
        "key_reshare": Counts(honest=60, changed_bytes=80, declared=80, swaps=40),
        "key_share_sign": Counts(honest=60, changed_bytes=80, declared=80, swaps=40),
    }
)
"""What `make test` does."""
THOROUGH: Mapping[str, Counts] = MappingProxyType(
    {
        "evm": Counts(honest=10_000, changed_bytes=18_000, declared=12_000, swaps=10_000),
        "eip191": Counts(honest=2_000, changed_bytes=2_000, declared=2_000, swaps=1_000),
        "eip712": Counts(honest=4_000, changed_bytes=3_000, declared=5_000, swaps=2_000),
        "tron": Counts(honest=5_000, changed_bytes=8_000, declared=4_500, swaps=3_500),
        "solana": Counts(honest=5_000, changed_bytes=8_000, declared=4_500, swaps=3_500),
        "tron_call": Counts(honest=2_000, changed_bytes=2_000, declared=2_000, swaps=1_000),
        "solana_call": Counts(honest=2_000, changed_bytes=2_000, declared=2_000, swaps=1_000),
        "bitcoin": Counts(honest=4_000, changed_bytes=4_500, declared=3_500, swaps=2_500),
        "key_gen": Counts(honest=500, changed_bytes=800, declared=800, swaps=400),
        "key_reshare": Counts(honest=500, changed_bytes=800, declared=800, swaps=400),
        "key_share_sign": Counts(honest=500, changed_bytes=800, declared=800, swaps=400),
    }
)
"""What `make test-long` does."""
COUNTS = THOROUGH if LONG else QUICK

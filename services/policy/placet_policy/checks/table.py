"""Every recommended check, in the order of docs/checks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.checks.context import CONTEXT
from placet_policy.checks.recommended import RECOMMENDED
from placet_policy.checks.transactions import TRANSACTIONS

if TYPE_CHECKING:
    from placet_policy.checks.check import Check

CHECKS: Final[tuple[Check, ...]] = (*CONTEXT, *TRANSACTIONS, *RECOMMENDED)

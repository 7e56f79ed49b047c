"""One policy process of several that share a ledger: decides payments in parallel, and prints what came of each.

Run as ``python limited_worker.py WORK POLICIES LEDGER_URL FIRST COUNT``. Payments are numbered, which is their nonce.
As a node does, it asks again where there was no decision.
"""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import structlog
from evm_requests import transaction
from facts_cases import changed_sample
from pipeline import POLICIES, Pipeline, running_pipeline
from placet_policy.chains.amounts import from_base_units
from placet_policy.decision import Decision
from placet_policy.errors import Indeterminate
from placet_policy.ledger.location import parse_url

TO = "0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1"
AMOUNT = 1_500_000_000_000_000_000


def payment(nonce: int, *, request_id: str = "", amount: int = AMOUNT, **changes: Any) -> bytes:
    """The envelope of a payment of ETH that the demonstration policies allow up to 2 ETH.

    Args:
        nonce: Of the transaction.
        request_id: Of the callback request; "" for one that the nonce makes.
        amount: wei.
        changes: Fields of the transaction.
    """
    fields = {**transaction(b"", to=TO, value=amount, nonce=nonce, gas=21_000, **changes)}
    fields["extra.transaction.raw_tx_info.used_nonce"] = nonce
    fields["extra.transaction.destination.account_output.amount"] = from_base_units(amount, 18)
    request_type, detail, extra = changed_sample("keysign_eth_eip1559_transfer", fields)
    request = {
        "request_id": request_id or f"payment-{nonce}",
        "request_type": request_type,
        "request_detail": json.dumps(detail),
        "extra_info": json.dumps(extra),
    }
    return json.dumps(request).encode()


def limited_policies(folder: Path, *, amount: int) -> Path:
    """The demonstration, in which a day has room for so many wei and nothing else is limited over time."""
    policies = folder / "limited"
    shutil.copytree(POLICIES, policies)
    data = policies / "demo" / "placet" / "rules" / "rolling_amount" / "data.json"
    limits = {"hot": {"ETH": {"windows": {"day": {"max": str(amount)}}}, "*": {"unchecked": "not of interest here"}}}
    data.write_text(json.dumps({"limits": limits}), encoding="utf-8")
    return policies


async def decided(pipeline: Pipeline, package: bytes) -> Decision:
    """The decision on an envelope, however often it takes."""
    while True:
        try:
            return await pipeline.send_package(package)
        except Indeterminate:
            await asyncio.sleep(0.05)


async def decide_all(pipeline: Pipeline, numbers: range) -> dict[str, list[str]]:
    """By number, effect and codes; all at once."""
    decisions = await asyncio.gather(*(decided(pipeline, payment(number)) for number in numbers))
    return {
        number: [decision.effect.value, *(reason.code for reason in decision.reasons)]
        for number, decision in zip(map(str, numbers), decisions, strict=True)
    }


async def _main(work: Path, policies: Path, url: str, numbers: range) -> None:
    async with running_pipeline(work, policies=policies, location=parse_url(url)) as pipeline:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        sys.stdout.write(json.dumps(await decide_all(pipeline, numbers)) + "\n")


if __name__ == "__main__":
    # Standard output is the answer.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    _, work_name, policies_name, ledger_url, first, count = sys.argv
    asyncio.run(_main(Path(work_name), Path(policies_name), ledger_url, range(int(first), int(first) + int(count))))

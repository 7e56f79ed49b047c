"""A storm from beginning to proof: kill under load, let the clients finish, and compare what both sides know."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from threading import Event
from typing import Any

from facts_cases import ROOT_KEY
from ledger_records import decisions
from placet_policy.ledger.location import parse_url
from storm import Storm
from storm_check import Decision, counted, findings, spent
from storm_load import Load

ROOM = 60 * 10**18
"""Wei that may move in a day."""
_CLIENTS = 4
_PAYMENTS = 250
_SIGNER_PATH = "m/44/60/1/0/0"


def command(*arguments: str) -> str:
    """What a command of the policy tier prints."""
    done = subprocess.run([sys.executable, "-m", "placet_policy", *arguments], check=False, capture_output=True)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def whole(url: str, storm: Storm) -> dict[str, Any]:
    """The auditor's report, with every published line and the nodes' keys; fails unless the ledger is whole."""
    nodes = str(storm.stacks[0].plan.layout.nodes)
    arguments = ("--url", url, "--nodes", nodes, "--published", str(storm.published), "--json")
    report: dict[str, Any] = json.loads(command("audit", "verify", *arguments))
    return report


def used_today(url: str) -> tuple[int, int]:
    """Wei and payments that the ledger counts in the window."""
    lines = command("ledger", "quota", ROOT_KEY, "--url", url, "--path", _SIGNER_PATH, "--json").splitlines()
    (day,) = [
        line
        for line in map(json.loads, lines)
        if (line["asset"], line["destination"], line["window"]) == ("ETH", None, "day")
    ]
    return int(day["used"]), day["count"]


def was_one(storm: Storm, load: Load, records: Sequence[Decision]) -> bool:
    """Whether the window filled up, requests were refused room, and enough were allowed and asked more than once."""
    allowed = [each for each in load.asked if each.effect == "ALLOW"]
    repeated = [each for each in records if each["earlier"]]
    full = any("ROLLING_AMOUNT_FULL" in each["codes"] for each in records)
    unanswered = any(each.effect is None for each in load.asked)
    return full and unanswered and min(len(allowed), len(repeated)) > len(storm.kills)


def killed_under_load(storm: Storm, victims: Sequence[str], url: str, *, seed: int) -> Load:
    """Kill these while clients ask, and let them finish when everything is well again.

    A slow machine decides little between two kills: the clients go on until there was a storm.
    """
    load, over = Load(storm.stacks, payments=_PAYMENTS), Event()
    ended = load.run(over, clients=_CLIENTS, seed=seed)
    try:
        storm.rage(victims)
        while not was_one(storm, load, decisions(parse_url(url))):
            time.sleep(1)
    finally:
        over.set()
    for wait in ended:
        wait()
    load.finish()
    return load


def prove(storm: Storm, load: Load, url: str) -> None:
    """Compare what clients were told with what the ledger holds, and what it counts with what it allowed."""
    for stack in storm.stacks:
        storm.publish(stack)
    records = decisions(parse_url(url))
    assert findings(load.asked, records, load.payments, limit=ROOM) == []
    assert used_today(url) == (spent(records, load.payments), counted(records, load.payments))
    assert whole(url, storm)["decisions"] == len(records)
    assert was_one(storm, load, records)

"""Addresses and chains in a policy's data: one that no request can ever name would refuse honest payments for good."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.faults import Fault, refuse
from placet_cli.policy.overlay import read_object
from placet_cli.policy.pointers import escaped

_CHAINS = PurePosixPath("placet/registry/chains/data.json")
_RULES = PurePosixPath("placet/rules")
_ANY = "*"
_SECONDS = 120.0
_NO_ADDRESSES = frozenset({"create", "none"})
# Where chains stand in the rules' data, and whether the next names are addresses; `*` is every name.
_BY_CHAIN: Sequence[tuple[str, tuple[str, ...], bool]] = (
    ("destination_allowlist", ("destinations",), True),
    ("contract_call", ("allowed",), True),
    ("contract_call", ("delegates",), True),
    ("contract_call", ("spenders",), True),
    ("auto_sweep", ("targets", _ANY), True),
    ("bitcoin_outputs", ("limits",), False),
    ("chain_token_allowlist", ("allowed",), False),
    ("freeze", ("frozen", "chains"), False),
    ("source_key", ("allowed",), False),
    ("transaction_expiry", ("limits",), False),
    ("transaction_type", ("opened", _ANY), False),
    ("transaction_type", ("delegates",), True),
)
# Where EVM chain ids stand, which the registry need not know.
_BY_NETWORK: Sequence[tuple[str, tuple[str, ...]]] = (
    ("message_signing", ("typed",)),
    ("message_signing", ("spenders",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    place: str
    chain: str
    kind: str
    testnet: bool
    text: str


def check_addresses(files: Mapping[PurePosixPath, bytes]) -> None:
    """Hold every address of the rules' data against the chain it stands under, as the policy tier would write it.

    Args:
        files: What ships, overlay and all. Data of another shape than the rules' are left to the schemas.

    Raises:
        CliError: A chain is not in the registry, or an address is none of its chain or not in canonical form. The text
            has one line a fault, with the file, the JSON pointer (RFC 6901) and what is wrong.
    """
    refuse(address_faults(files))


def address_faults(files: Mapping[PurePosixPath, bytes]) -> list[Fault]:
    """Find what ``check_addresses`` refuses."""
    if _CHAINS not in files:
        return []
    chains = read_object(files[_CHAINS], str(_CHAINS))
    faults: list[Fault] = []
    addresses: list[_Address] = []
    for found in _found(files, chains):
        if isinstance(found, Fault):
            faults.append(found)
        else:
            addresses.append(found)
    return [*faults, *_not_canonical(addresses)]


def _found(files: Mapping[PurePosixPath, bytes], chains: Mapping[str, Any]) -> Iterator[_Address | Fault]:
    """Every address, and a fault for every chain that is not known."""
    for rule, path, holds_addresses in _BY_CHAIN:
        for place, by_chain in _at(_data(files, rule), path, f"{_file(rule)}: "):
            for chain, listed in by_chain.items():
                if chain == _ANY:
                    continue
                if not isinstance(chains.get(chain), dict):
                    yield _fault(f"{place}/{escaped(chain)}", "the registry has no such chain")
                elif holds_addresses:
                    yield from _addresses(f"{place}/{escaped(chain)}", chain, chains[chain], listed)
    for rule, path in _BY_NETWORK:
        for place, by_network in _at(_data(files, rule), path, f"{_file(rule)}: "):
            for network, listed in by_network.items():
                yield from _addresses(f"{place}/{escaped(network)}", f"network {network}", {"kind": "evm"}, listed)


def _addresses(place: str, chain: str, entry: Mapping[str, Any], listed: Any) -> Iterator[_Address]:
    if not isinstance(listed, dict):
        return
    for text in listed:
        if text not in _NO_ADDRESSES:
            yield _Address(
                place=f"{place}/{escaped(text)}",
                chain=chain,
                kind=str(entry.get("kind")),
                testnet=entry.get("testnet") is True,
                text=text,
            )


def _not_canonical(addresses: Sequence[_Address]) -> Iterator[Fault]:
    for address, answer in zip(addresses, _asked(addresses), strict=True):
        if "error" in answer:
            yield _fault(address.place, f"is no address on {address.chain}: {answer['error']}")
        elif answer["canonical"] != address.text:
            yield _fault(address.place, f"is not canonical; write {answer['canonical']}")


def _asked(addresses: Sequence[_Address]) -> list[dict[str, str]]:
    """The policy tier's own word on every address, by one run of its tool."""
    if not addresses:
        return []
    asked = [{"kind": each.kind, "address": each.text, "testnet": each.testnet} for each in addresses]
    command = [sys.executable, "-m", "placet_policy", "canonical"]
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours
            command,
            input="".join(json.dumps(each) + "\n" for each in asked),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CliError(f"the addresses of the data were not read within {_SECONDS:g} s") from error
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(answers) != len(asked):
        raise CliError(f"the addresses of the data could not be checked: {done.stderr.strip()}")
    return answers


def _at(data: Any, path: Sequence[str], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects at a path of the data, each with its place."""
    if not isinstance(data, dict):
        return
    if not path:
        yield place, data
        return
    for name in data if path[0] == _ANY else path[:1]:
        yield from _at(data.get(name), path[1:], f"{place}/{escaped(name)}")


def _data(files: Mapping[PurePosixPath, bytes], rule: str) -> Any:
    file = _file(rule)
    return read_object(files[file], str(file)) if file in files else None


def _file(rule: str) -> PurePosixPath:
    return _RULES / rule / "data.json"


def _fault(place: str, text: str) -> Fault:
    file, pointer = place.split(": ", maxsplit=1)
    return Fault(file=file, pointer=pointer, text=f"{pointer}: {text}")

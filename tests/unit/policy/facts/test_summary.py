"""What people read: the same words on every chain, exact, bounded and printable, and no more than is proven."""

from typing import Any

import pytest
from bitcoin_cases import MAINNET, STRANGER, Spending, bitcoin_facts
from evm_requests import calldata, contract_call
from facts_cases import FOREIGN_KEY, changed, facts, put, registry_data, sample, sample_facts
from placet_policy.chains.bitcoin import TxOutput
from placet_policy.facts.detail import RequestKind
from placet_policy.facts.findings import Findings
from placet_policy.facts.proof import Proof
from placet_policy.facts.summary import sentences
from placet_policy.registry import Registry

_TX = "extra.transaction"
_NATIVE = {"kind": "native", "contract": None, "token": "ETH", "chain": "ETH"}
_USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
_SPENDER = "0x66f820a414680b5bcda5eeca5dea238543f42054"
_KEPT = "Keep 0.3999 BTC as change at bc1ql6sf6apcljprp46t6e7vcg0n0fw52syfyuhkzq, the wallet's own key m/44/0/1/1/0."
_CONTRACT = "0x52dab98686d461bb6dac14f27640f3b6555d483f"


def _said(proof: Proof | None, kind: RequestKind = RequestKind.KEY_SIGN) -> tuple[str, ...]:
    return sentences(kind, proof, Findings(), Registry.from_data({"registry": registry_data()}))


def _sent(amount: str) -> dict[str, Any]:
    return {"asset": _NATIVE, "from": None, "to": _SPENDER, "amount": amount, "source": "bytes"}


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "keysign_trc20_transfer",
            ("Send 99.5 USDT to THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa on TRON.", "Fee at most 40.345 TRX."),
        ),
        (
            "keysign_spl_transfer",
            ("Send 150 USDC to 8bJaa7p816rKnPSGTsZdWBDkAmsuKDnoEYzLRwrsuFV6 on SOL.", "Fee at most 0.00002 SOL."),
        ),
        (
            "keysign_eth_erc20_eip1559_autosweep",
            ("Send 1234.56 USDT to 0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1 on ETH.", "Fee at most 0.00195 ETH."),
        ),
        (
            "keysign_btc_segwit_2in",
            (
                "Send 0.6 BTC to bc1qgkal4qh29fklm7rw07f6rw6mpxr8thjxvuc7hk on BTC.",
                _KEPT,
                "Fee at most 0.0001 BTC.",
            ),
        ),
    ],
)
def test_a_payment_says_amount_fee_and_approvals_on_every_chain(name: str, lines: tuple[str, ...]) -> None:
    """Amounts are in coin units with the registry's symbol, and a proven payment approves nothing."""
    assert sample_facts(name).summary == (*lines, "Approves nothing.")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0 ETH"),
        ("1", "0.000000000000000001 ETH"),
        ("1000000000000000000000", "1000 ETH"),
        (str(2**256 - 1), "115792089237316195423570985008687907853269984665640564039457.584007913129639935 ETH"),
    ],
)
def test_amounts_are_exact(amount: str, words: str) -> None:
    """No float, no exponent, no zeros at the end."""
    assert _said(Proof(transfers=[_sent(amount)]))[0] == f"Send {words} to {_SPENDER} on ETH."


def test_unlimited_approvals_are_named() -> None:
    """Whoever may take everything afterwards stands in words, and nothing claims that nothing is approved."""
    found = contract_call(calldata("approve(address,uint256)", _SPENDER, 2**256 - 1), to=_USDT)

    assert found.summary == (
        f"Call {_USDT}: approve(spender {_SPENDER}, amount {str(2**256 - 1)[:73]}…).",
        f"Approves {_SPENDER} to spend unlimited USDT ({_USDT}).",
        "Fee at most 0.0000000000002 ETH.",
    )


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (
            calldata("approve(address,uint256)", _SPENDER, 1_500_000),
            f"Approves {_SPENDER} to spend 1.5 USDT ({_USDT}).",
        ),
        (
            calldata("approve(address,uint256)", _SPENDER, 0),
            f"Takes back what {_SPENDER} may spend of USDT ({_USDT}).",
        ),
        (
            calldata("setApprovalForAll(address,bool)", _SPENDER, True),  # noqa: FBT003 -- an ABI argument
            f"Approves {_SPENDER} to spend everything of USDT ({_USDT}).",
        ),
    ],
)
def test_every_approval_has_its_sentence(call: bytes, line: str) -> None:
    """An amount, nothing, or everything of a contract."""
    assert line in contract_call(call, to=_USDT).summary


@pytest.mark.parametrize("to", [_CONTRACT, _USDT])
def test_a_call_of_a_foreign_contract_claims_nothing_about_approvals(to: str) -> None:
    """What a contract does when it is called is not in the bytes; only a token of the registry is known."""
    found = contract_call(calldata("transfer(address,uint256)", _SPENDER, 5), to=to)

    assert found.status == "PROVEN"
    assert ("Approves nothing." in found.summary) == (to == _USDT)


def test_a_contradicted_or_unproven_request_claims_nothing_about_approvals() -> None:
    """Then something else than these bytes may be signed; the doubts are said in words."""
    wrong = changed("keysign_eth_erc20_transfer", {"detail.msg_hash_list.0": "0x" + "00" * 32})
    foreign = changed("keysign_eth_erc20_transfer", {"detail.root_pub_key": FOREIGN_KEY})

    assert wrong.summary[1:] == (
        "Fee at most 0.000466923781078806 ETH.",
        "Declared otherwise: hash mismatch.",
    )
    assert foreign.summary[-1] == "Not all is proven: key not pinned."


def test_change_that_is_not_proven_is_said() -> None:
    """What is declared as change and not found stays a payment, and people read why."""
    parts = Spending(change=0, extra_outputs=[TxOutput(5_000, MAINNET.decode(STRANGER))]).parts()
    put(parts, f"{_TX}.destination.change_address", STRANGER)

    assert bitcoin_facts(parts).summary[1:] == (
        f"Send 0.00005 BTC to {STRANGER} on BTC.",
        "Fee at most 0.00035 BTC.",
        "Not all is proven: change not proven.",
    )


def test_a_fee_without_a_bound_is_said() -> None:
    """Where the bytes do not bound it, nobody reads a number."""
    data = registry_data()
    del data["chains"]["TRON"]["tron_prices"]

    assert facts(*sample("keysign_tron_transfer"), data).summary[1:] == (
        "Fee not bounded by the bytes.",
        "Approves nothing.",
    )


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (RequestKind.KEY_GEN, "Make a key; how cannot be read."),
        (RequestKind.KEY_SIGN, "Sign something that cannot be decoded."),
        (RequestKind.KEY_RESHARE, "Share a key anew; how cannot be read."),
        (RequestKind.KEY_SHARE_SIGN, "Sign with key shares; which cannot be read."),
    ],
)
@pytest.mark.parametrize("proof", [Proof(), None])
def test_what_cannot_be_read_is_said(kind: RequestKind, line: str, proof: Proof | None) -> None:
    """No kind of request is left without a sentence, not even when the decoder fails."""
    assert _said(proof, kind) == (line,)


def test_texts_of_the_request_are_printable_and_bounded() -> None:
    """A sentence can neither drive a terminal nor hide another one by its length."""
    (line, *_) = _said(Proof(summary=["a\x1b[2Jb\n\u202e" + "c" * 5_000]))

    assert line[:9] == "a�[2Jb��c"
    assert (len(line), line[-1]) == (600, "…")


def test_no_part_crowds_out_another() -> None:
    """A hundred transfers leave room for the fee and for who may spend what."""
    approval = {"token": _USDT, "spender": _SPENDER, "amount": None, "unlimited": True}
    call: dict[str, Any] = {"approval": approval, "hazards": ["SAFE_REFUND"], "method": None}
    fee: dict[str, Any] = {"max": "7", "asset": _NATIVE, "source": "bytes"}
    said = _said(
        Proof(transfers=[_sent(str(number)) for number in range(100)], calls=[call], fee=fee, chain={"id": "ETH"})
    )

    assert len(said) == 36
    assert said[32:] == (
        "And 68 more like these.",
        "The Safe also pays a refund, which the bytes do not bound, to whoever executes this.",
        f"Approves {_SPENDER} to spend everything of USDT ({_USDT}).",
        "Fee at most 0.000000000000000007 ETH.",
    )
    for count, more in ((32, ()), (33, ("And 1 more like these.",))):
        transfers = [_sent(str(number)) for number in range(count)]
        assert _said(Proof(transfers=transfers, fee=fee, chain={"id": "ETH"}))[32:-2] == more


def test_names_of_typed_data_are_quoted() -> None:
    """The requester chooses the type's name, so it stands in quotes, cut, and cannot be taken for our own words."""
    message: dict[str, Any] = {
        "scheme": "eip712",
        "kind": "typed",
        "primary_type": "X{0}" * 40,
        "values": {},
        "contract": None,
        "may_be_hash": False,
        "approvals": [],
        "hazards": [],
    }

    assert _said(Proof(messages=[message])) == (f'Sign typed data "{("X{0}" * 40)[:80]}…" for no named contract.',)

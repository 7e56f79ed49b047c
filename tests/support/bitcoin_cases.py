"""Bitcoin parts for tests."""

from placet_policy.chains.bitcoin import TxOutput
from placet_policy.chains.bitcoin_digest import Spend, SpentOutput

_SPENDS = {22: Spend.P2WPKH, 25: Spend.P2PKH, 34: Spend.P2TR}


def spent(value: int, script: str) -> SpentOutput:
    """A spent P2WPKH, P2PKH or P2TR output of a scriptPubKey in hex."""
    data = bytes.fromhex(script)
    spend = _SPENDS[len(data)]
    key_hash = {Spend.P2WPKH: data[2:], Spend.P2PKH: data[3:23], Spend.P2TR: b""}[spend]
    return SpentOutput(output=TxOutput(value, data), spend=spend, key_hash=key_hash)

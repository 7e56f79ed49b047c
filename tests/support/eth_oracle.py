"""eth-account as an independent encoder and hasher of unsigned transactions."""

from typing import Any

import rlp  # type: ignore[import-untyped]  # the library has annotations but no py.typed
from eth_account._utils.legacy_transactions import serializable_unsigned_transaction_from_dict
from eth_account._utils.transaction_utils import transaction_rpc_to_rlp_structure


def encode_unsigned(fields: dict[str, Any]) -> tuple[bytes, bytes]:
    """The bytes that are signed and their hash; `fields` as eth-account names them, `type` absent for legacy."""
    unsigned: Any = serializable_unsigned_transaction_from_dict(fields)
    if "type" not in fields:
        return bytes(rlp.encode(unsigned)), bytes(unsigned.hash())
    typed = unsigned.transaction
    serializer: Any = type(typed)._unsigned_transaction_serializer
    structure: Any = transaction_rpc_to_rlp_structure(typed.dictionary)
    body = {name: structure[name] for name, _ in serializer._meta.fields}
    return bytes([fields["type"]]) + bytes(rlp.encode(serializer.from_dict(body))), bytes(unsigned.hash())

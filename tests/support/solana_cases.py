"""Solana messages for tests, put together byte by byte, so that they do not depend on the library under test."""

import base64
from dataclasses import dataclass, field

import base58

SIGNER = "6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiiiB"
PAID = "C63eMJhWSxGhKEFFCSxnF7spphcPgsTnbYsZKjcwJ8Vp"
OWNER = "8bJaa7p816rKnPSGTsZdWBDkAmsuKDnoEYzLRwrsuFV6"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
OTHER_MINT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
SIGNER_USDC = "GnXVncRFC1czba6SSYP7mztenyFJdoAR3BiTz7NgyNF8"
OWNER_USDC = "2VpLnZpPENF5rcmSkFnA4TGE4oPRe9W9za2TW32MZZd2"
BLOCKHASH = "DtahWoViY9btLLxqf75XhNbdESyqrBpM5FGEbUojS2Uv"

SYSTEM = "11111111111111111111111111111111"
TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"
ASSOCIATED = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"
COMPUTE = "ComputeBudget111111111111111111111111111111"
MEMO = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
RECENT_BLOCKHASHES = "SysvarRecentB1ockHashes11111111111111111111"
RENT = "SysvarRent111111111111111111111111111111111"


@dataclass(frozen=True)
class Step:
    """One instruction: program, accounts, data."""

    program: str
    accounts: tuple[str, ...] = ()
    data: bytes = b""


@dataclass(frozen=True)
class Extras:
    """What a message may have beside its instructions."""

    version: int | None = None
    signers: tuple[str, ...] = (SIGNER,)
    lookups: bytes = b"\x00"
    header: tuple[int, int, int] | None = None
    keys: tuple[str, ...] = field(default=())


def message(*steps: Step, extras: Extras | None = None) -> bytes:
    """A message: signers first, then every other account in order of appearance, all of them writable."""
    more = extras or Extras()
    used = [key for step in steps for key in (*step.accounts, step.program)]
    keys = list(dict.fromkeys([*more.signers, *more.keys, *used]))
    parts = [bytes(more.header or (len(more.signers), 0, 0)), _many([base58.b58decode(key) for key in keys])]
    parts.append(base58.b58decode(BLOCKHASH))
    parts.append(_many([_step(step, keys) for step in steps]))
    if more.version is None:
        return b"".join(parts)
    return b"".join([bytes([0x80 + more.version]), *parts, more.lookups])


def wrapped(body: bytes) -> str:
    """`unsigned_raw_tx` of a message (protocol d.4)."""
    return "0x" + base64.b64encode(b"\x00" + body).hex()


def pay(lamports: int, *, to: str = PAID, source: str = SIGNER) -> Step:
    """System Transfer."""
    return Step(SYSTEM, (source, to), (2).to_bytes(4, "little") + lamports.to_bytes(8, "little"))


def pay_token(
    amount: int,
    *,
    source: str = SIGNER_USDC,
    mint: str = USDC,
    to: str = OWNER_USDC,
    authority: str = SIGNER,
    decimals: int = 6,
    program: str = TOKEN,
) -> Step:
    """TransferChecked."""
    return Step(program, (source, mint, to, authority), b"\x0c" + amount.to_bytes(8, "little") + bytes([decimals]))


def pay_token_unchecked(
    amount: int, *, source: str = SIGNER_USDC, to: str = OWNER_USDC, authority: str = SIGNER, program: str = TOKEN
) -> Step:
    """Transfer, which does not name its token."""
    return Step(program, (source, to, authority), b"\x03" + amount.to_bytes(8, "little"))


def create(
    *,
    account: str = OWNER_USDC,
    owner: str = OWNER,
    mint: str = USDC,
    payer: str = SIGNER,
    program: str = TOKEN,
    data: bytes = b"\x01",
    rest: tuple[str, ...] = (),
) -> Step:
    """Create or CreateIdempotent of a token account."""
    return Step(ASSOCIATED, (payer, account, owner, mint, SYSTEM, program, *rest), data)


def advance(*, authority: str = SIGNER) -> Step:
    """AdvanceNonceAccount; the nonce account's address is any."""
    return Step(SYSTEM, (OTHER_MINT, RECENT_BLOCKHASHES, authority), (4).to_bytes(4, "little"))


def limit(units: int) -> Step:
    """SetComputeUnitLimit."""
    return Step(COMPUTE, (), b"\x02" + units.to_bytes(4, "little"))


def price(micro_lamports: int) -> Step:
    """SetComputeUnitPrice."""
    return Step(COMPUTE, (), b"\x03" + micro_lamports.to_bytes(8, "little"))


def heap(size: int) -> Step:
    """RequestHeapFrame."""
    return Step(COMPUTE, (), b"\x01" + size.to_bytes(4, "little"))


def loaded(size: int) -> Step:
    """SetLoadedAccountsDataSizeLimit."""
    return Step(COMPUTE, (), b"\x04" + size.to_bytes(4, "little"))


def memo(text: str) -> Step:
    """Memo, stated by nobody."""
    return Step(MEMO, (), text.encode())


def compact(number: int) -> bytes:
    """Solana's compact-u16: seven bits a byte, least significant first."""
    out = bytearray()
    while number > 0x7F:
        out.append(0x80 | number & 0x7F)
        number >>= 7
    return bytes([*out, number])


def _step(step: Step, keys: list[str]) -> bytes:
    accounts = bytes(keys.index(key) for key in step.accounts)
    parts = [bytes([keys.index(step.program)]), compact(len(accounts)), accounts, compact(len(step.data)), step.data]
    return b"".join(parts)


def _many(items: list[bytes]) -> bytes:
    return compact(len(items)) + b"".join(items)

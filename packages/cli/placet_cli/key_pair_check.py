"""What is wrong with two key files, and what is odd about them."""

from dataclasses import dataclass
from pathlib import Path

from placet_callback.token import fingerprint

from placet_cli.key_files import read_private_key, read_public_key, readers
from placet_cli.new_keys import KEY_BITS


@dataclass(frozen=True, slots=True)
class PairReport:
    """What a look at two key files showed.

    Attributes:
        lines: One sentence each, for people.
        problems: What keeps the pair from being used; empty for a good pair.
    """

    lines: tuple[str, ...]
    problems: tuple[str, ...]


def check_pair(private: Path, public: Path, *, passphrase: bytes | None = None) -> PairReport:
    """Look at two key files.

    Args:
        private: An RSA private key, PKCS#1 or PKCS#8.
        public: One RSA public key, PKCS#1 or SPKI.
        passphrase: For an encrypted private key.

    Raises:
        CliError: A file cannot be read, or is no such key at all.
    """
    private_key = read_private_key(private, passphrase=passphrase)
    public_key = read_public_key(public)
    lines = [
        f"{private}: RSA-{private_key.key_size} private key, readable by {readers(private)}",
        f"{public}: RSA-{public_key.rsa.key_size} public key, readable by {readers(public)}",
    ]
    lines += [f"{private}: {advice}" for advice in _advice(private, private_key.key_size)]
    problems = []
    if fingerprint(private_key) == public_key.key_id:
        lines.append("The two files are a pair.")
    else:
        problems.append(f"{private} and {public} are not a pair")
    if readers(private) == "everyone":
        problems.append(f"{private} can be read by everyone on this machine; run: chmod 600 {private}")
    return PairReport(tuple(lines), tuple(problems))


def _advice(private: Path, bits: int) -> list[str]:
    advice = []
    if bits < KEY_BITS:
        advice.append(f"the node's documentation asks for RSA-{KEY_BITS}")
    if readers(private) == "owner and group":
        advice.append("the group can read it too; that is meant where a container mounts it, and nowhere else")
    return advice

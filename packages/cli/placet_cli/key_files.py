"""Key files on disk: what is in them, who can read them, and how two people compare them by voice."""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from placet_callback.token import KeyFileError, PublicKey, fingerprint, load_private_key, load_public_keys

from placet_cli.errors import CliError

_LARGEST_FILE = 1024 * 1024
_GROUP = 4
_GROUPS_A_LINE = 4


def read_key_file(path: Path) -> bytes:
    """Read a key file whole.

    Raises:
        CliError: It cannot be read, is empty or is too large to be a key; the text names the file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}") from error
    if not data.strip():
        raise CliError(f"{path}: the file is empty")
    if len(data) > _LARGEST_FILE:
        raise CliError(f"{path}: too large to be a key file")
    return data


def read_public_keys(path: Path) -> tuple[PublicKey, ...]:
    """Read every public key of a PEM file; RSA of 2048 to 8192 bits, PKCS#1 or SPKI.

    Raises:
        CliError: The file holds none, something else, or a private key, which must not lie where a public one belongs.
    """
    data = read_key_file(path)
    if b"PRIVATE KEY-----" in data:
        raise CliError(f"{path}: this is a private key; it must not lie where a public key belongs")
    try:
        return load_public_keys(data)
    except KeyFileError as error:
        raise CliError(f"{path}: {error}") from error


def read_public_key(path: Path) -> PublicKey:
    """Read a file that must hold exactly one public key.

    Raises:
        CliError: As ``read_public_keys``, or there are several.
    """
    keys = read_public_keys(path)
    if len(keys) != 1:
        raise CliError(f"{path}: holds {len(keys)} keys where one is expected")
    return keys[0]


def read_private_key(path: Path, *, passphrase: bytes | None = None) -> rsa.RSAPrivateKey:
    """Read a private key, PKCS#1 or PKCS#8, encrypted or not.

    Raises:
        CliError: The file cannot be read, is no RSA private key, or the passphrase is missing or wrong.
    """
    try:
        return load_private_key(read_key_file(path), passphrase=passphrase)
    except KeyFileError as error:
        raise CliError(f"{path}: {error}") from error


def public_pem(key: rsa.RSAPublicKey) -> str:
    """Write a public key as the node prints it: SPKI, PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def fingerprint_lines(key: rsa.RSAPublicKey) -> list[str]:
    """Write the SHA-256 of a public key so that two people can compare it by voice.

    Returns:
        Four lines of four groups of four hex digits: the digest of the key's SPKI DER encoding, the same 64 digits
        that ``openssl pkey -pubin -outform DER | sha256sum`` prints and that logs call ``key_id``.
    """
    digits = fingerprint(key)
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    return [" ".join(groups[start : start + _GROUPS_A_LINE]) for start in range(0, len(groups), _GROUPS_A_LINE)]


def write_new(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file that must not exist yet, with its final mode from the first byte on.

    Raises:
        CliError: Something is there already, or the folder cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except FileExistsError as error:
        raise CliError(f"{path}: is there already and is never overwritten") from error
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)


def readers(path: Path) -> str:
    """Say in words who can read a file, by its mode: ``owner only``, ``owner and group``, or ``everyone``."""
    mode = path.stat().st_mode
    if mode & stat.S_IROTH:
        return "everyone"
    return "owner and group" if mode & stat.S_IRGRP else "owner only"

"""``placet keys``: the first steps of the node's documentation, for the callback server's side."""

from pathlib import Path
from typing import Annotated

import typer

from placet_cli.errors import CliError
from placet_cli.key_files import fingerprint_lines, public_pem, read_key_file, read_private_key, read_public_keys
from placet_cli.key_pair_check import check_pair
from placet_cli.new_keys import create_pair, pair_files

app = typer.Typer(no_args_is_help=True, add_completion=False, help="RSA keys: make, show, check.")

_PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="A file with the private key's passphrase on one line."),
]


@app.callback()
def keys() -> None:
    """RSA keys: make, show, check."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The files' first part.")] = "callback-server",
    directory: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where the files are written.")] = Path(),
    passphrase_file: _PassphraseFile = None,
) -> None:
    """Make an RSA-4096 key pair: NAME-pri.pem, which only you can read, and NAME-pub.key for the node.

    Nothing is ever overwritten. The names are those of the node's documentation.
    """
    if not name or Path(name).name != name:
        raise CliError("NAME is a name, not a path; --dir says where")
    files = pair_files(directory, name)
    key = create_pair(files, passphrase=_passphrase(passphrase_file))
    typer.echo(f"{files.private}: RSA-{key.key_size} private key, mode 0600; it stays on this machine")
    typer.echo(f"{files.public}: its public key, for the node")
    _echo_fingerprint(fingerprint_lines(key.public_key()))


@app.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A public or private key, PEM.")],
    passphrase_file: _PassphraseFile = None,
) -> None:
    """Print the public key of FILE and its SHA-256 fingerprint, which two people can compare by voice.

    A file may hold several public keys; each is shown. Of a private key only the public half is shown.
    """
    if b"PRIVATE KEY-----" in read_key_file(file):
        public = [read_private_key(file, passphrase=_passphrase(passphrase_file)).public_key()]
    else:
        public = [key.rsa for key in read_public_keys(file)]
    for key in public:
        typer.echo(public_pem(key), nl=False)
        _echo_fingerprint(fingerprint_lines(key))


@app.command()
def check(
    private: Annotated[Path, typer.Argument(metavar="PRIVATE", help="The private key's file.")],
    public: Annotated[Path, typer.Argument(metavar="PUBLIC", help="The public key's file.")],
    passphrase_file: _PassphraseFile = None,
) -> None:
    """Say whether two files are a pair, of the right type and size, and who can read them.

    Exit code 1 when Placet or the node could not use them, or when everyone can read the private key.
    """
    report = check_pair(private, public, passphrase=_passphrase(passphrase_file))
    for line in report.lines:
        typer.echo(line)
    if report.problems:
        raise CliError("; ".join(report.problems))


def _passphrase(file: Path | None) -> bytes | None:
    if file is None:
        return None
    passphrase = read_key_file(file).rstrip(b"\r\n")
    # openssl takes the first line of such a file and the edge all of it; with one line they mean the same.
    if not passphrase or b"\n" in passphrase:
        raise CliError(f"{file}: must hold the passphrase on one line and nothing else")
    return passphrase


def _echo_fingerprint(lines: list[str]) -> None:
    typer.echo("SHA-256 fingerprint, to be read out group by group:")
    for line in lines:
        typer.echo(f"  {line}")

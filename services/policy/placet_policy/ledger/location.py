"""Where a ledger is: the one place that reads ledger URLs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMS: Final = "a ledger URL is sqlite:////absolute/path, sqlite:///relative/path or postgresql://USER@HOST/DATABASE"
# What libpq knows and a ledger has a use for. Timeouts, options and encodings are the ledger's own business.
_PARAMETERS: Final = frozenset(
    {"host", "hostaddr", "port", "user", "password", "dbname", "target_session_attrs", "application_name"}
    | {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "gssencmode", "passfile"}
)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteLocation:
    """A ledger in one file.

    Attributes:
        path: the file.
    """

    path: Path

    @property
    def shown(self) -> str:
        """The URL for people."""
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresLocation:
    """A ledger in a PostgreSQL database.

    Attributes:
        shown: the URL for people, without its password.
        parameters: libpq's connection parameters.
        password_file: its content is the password, read anew for every connection; None: no such file.
    """

    shown: str
    parameters: Mapping[str, str] = field(repr=False)
    password_file: Path | None = None


Location = SqliteLocation | PostgresLocation


def parse_url(url: str, *, password_file: Path | None = None) -> Location:
    """Return the place that a ledger URL names.

    Raises:
        ValueError: another form, driver or parameter; the text names it and never holds a password.
    """
    parts = _split(url)
    scheme, _, driver = parts.scheme.partition("+")
    if driver:
        raise ValueError(f"the driver {driver!r} is not one to choose: write {scheme}://")
    if scheme == "sqlite":
        return _sqlite(parts, password_file)
    if scheme == "postgresql":
        return _postgres(url, password_file)
    raise ValueError(_FORMS)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        # The message would quote the URL.
        raise ValueError(_FORMS) from None


def _sqlite(parts: SplitResult, password_file: Path | None) -> SqliteLocation:
    if password_file is not None:
        raise ValueError("a SQLite ledger has no password")
    if parts.query:
        raise ValueError(f"unknown parameter {parts.query.partition('=')[0]!r}")
    if parts.netloc or parts.fragment or len(parts.path) <= 1:
        raise ValueError(_FORMS)
    return SqliteLocation(path=Path(unquote(parts.path[1:])))


def _postgres(url: str, password_file: Path | None) -> PostgresLocation:
    parameters = _conninfo(url)
    unknown = sorted(parameters.keys() - _PARAMETERS)
    if unknown:
        raise ValueError(f"unknown parameter {unknown[0]!r}")
    missing = [name for name in ("user", "dbname") if not parameters.get(name)]
    if missing:
        raise ValueError(f"the URL names no {missing[0]}: {_FORMS}")
    if password_file is not None and "password" in parameters:
        raise ValueError("the password is in the URL and in a file")
    if not _is_local(parameters):
        # A database that nobody authenticated could tell us that it keeps a record.
        parameters.setdefault("sslmode", "verify-full")
    parameters.setdefault("application_name", "placet-policy")
    return PostgresLocation(shown=_shown(parameters), parameters=parameters, password_file=password_file)


def _conninfo(url: str) -> dict[str, str]:
    # Imported here, because a SQLite ledger has no use for it.
    import psycopg  # noqa: PLC0415

    try:
        return {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(url).items()}
    except psycopg.Error as error:
        # libpq names what it does not know, and quotes what it cannot read: only the first is no secret.
        message = str(error)
        if 'invalid URI query parameter: "' in message:
            raise ValueError(f"unknown parameter {_quoted(message)!r}") from None
        raise ValueError(_FORMS) from None


def _is_local(parameters: Mapping[str, str]) -> bool:
    hosts = parameters.get("hostaddr") or parameters.get("host", "")
    return all(host in _LOCAL or host.startswith(("/", "@")) for host in hosts.split(","))


def _shown(parameters: Mapping[str, str]) -> str:
    hosts = (parameters.get("host") or parameters.get("hostaddr", "")).split(",")
    ports = parameters.get("port", "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    return f"postgresql://{parameters['user']}@{places}/{parameters['dbname']}"


def _quoted(message: str) -> str:
    return message.split('"')[1]

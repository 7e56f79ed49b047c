"""Ledger URLs: the two stores, what is refused by name, and that no password is ever shown."""

from pathlib import Path

import pytest
from placet_policy.ledger.location import PostgresLocation, SqliteLocation, parse_url

FORMS = "a ledger URL is sqlite:////absolute/path, sqlite:///relative/path or postgresql://USER@HOST/DATABASE"


@pytest.mark.parametrize(
    ("url", "path", "shown"),
    [
        ("sqlite:////var/lib/placet/l.sqlite", "/var/lib/placet/l.sqlite", "sqlite:////var/lib/placet/l.sqlite"),
        ("sqlite:///state/l.sqlite", "state/l.sqlite", "sqlite:///state/l.sqlite"),
        ("sqlite:////a%20b", "/a b", "sqlite:////a b"),
    ],
)
def test_a_sqlite_url_names_a_file(url: str, path: str, shown: str) -> None:
    """Four slashes are an absolute path, three a relative one."""
    location = parse_url(url)
    assert location == SqliteLocation(path=Path(path))
    assert location.shown == shown


def postgres(url: str, password_file: Path | None = None) -> PostgresLocation:
    """A location in PostgreSQL."""
    location = parse_url(url, password_file=password_file)
    assert isinstance(location, PostgresLocation)
    return location


def test_a_postgresql_url_is_libpqs() -> None:
    """User, host, port, database and the allowed parameters are passed on; nothing is shown but the place."""
    location = postgres("postgresql://us%40er:hunter2@db.example:5433/ledger?sslmode=require&application_name=x")
    assert location.parameters == {
        "user": "us@er",
        "password": "hunter2",
        "host": "db.example",
        "port": "5433",
        "dbname": "ledger",
        "sslmode": "require",
        "application_name": "x",
    }
    assert location.shown == "postgresql://us@er@db.example:5433/ledger"
    assert "hunter2" not in repr(location)


@pytest.mark.parametrize(
    ("url", "sslmode"),
    [
        ("postgresql://u@db.example/d", "verify-full"),
        ("postgresql://u@10.0.0.1/d", "verify-full"),
        ("postgresql://u@localhost,db.example/d", "verify-full"),
        ("postgresql://u@db.example/d?sslmode=require", "require"),
        ("postgresql://u@localhost/d", None),
        ("postgresql://u@127.0.0.1/d", None),
        ("postgresql://u@/d?host=/run/postgresql", None),
        ("postgresql://u@localhost/d?hostaddr=10.0.0.1", "verify-full"),
    ],
)
def test_a_database_elsewhere_must_prove_who_it_is(url: str, sslmode: str | None) -> None:
    """Unless the URL says otherwise, or the connection does not leave the machine."""
    assert postgres(url).parameters.get("sslmode") == sslmode


def test_several_hosts_are_several_places() -> None:
    """For a fail-over libpq takes the first that fits target_session_attrs."""
    location = postgres("postgresql://u@one:1,two:2/d?target_session_attrs=read-write&sslmode=require")
    assert location.shown == "postgresql://u@one:1,two:2/d"


def test_a_password_may_be_in_a_file() -> None:
    """The file's name is kept, not its content."""
    assert postgres("postgresql://u@localhost/d", Path("/password")).password_file == Path("/password")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", FORMS),
        ("/var/lib/x", FORMS),
        ("sqlite:///", FORMS),
        ("sqlite://host/x", FORMS),
        ("mysql://u@h/d", FORMS),
        ("postgres://u@h/d", FORMS),
        ("postgresql://u@[h/d", FORMS),
        ("postgresql://u:%zz@h/d", FORMS),
        ("sqlite:////x?mode=memory", "unknown parameter 'mode'"),
        ("sqlite+aiosqlite:////x", "the driver 'aiosqlite' is not one to choose: write sqlite://"),
        ("postgresql+asyncpg://u@h/d", "the driver 'asyncpg' is not one to choose: write postgresql://"),
        ("postgresql://u@h/d?sslmodus=x", "unknown parameter 'sslmodus'"),
        ("postgresql://u@h/d?options=-csynchronous_commit%3Doff", "unknown parameter 'options'"),
        ("postgresql://u@h/d?connect_timeout=0", "unknown parameter 'connect_timeout'"),
        ("postgresql://h/d", f"the URL names no user: {FORMS}"),
        ("postgresql://u@h", f"the URL names no dbname: {FORMS}"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(url: str, problem: str) -> None:
    """Schemes, drivers and parameters that nobody agreed to."""
    with pytest.raises(ValueError, match=r".") as refused:
        parse_url(url)
    assert str(refused.value) == problem


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@localhost/d", "sqlite:////x"])
def test_a_second_password_is_refused(url: str) -> None:
    """One in the URL and one in a file, or one for a file that needs none."""
    with pytest.raises(ValueError, match="password") as refused:
        parse_url(url, password_file=Path("/password"))
    assert "hunter2" not in str(refused.value)

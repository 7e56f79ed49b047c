"""The policy tier's settings: read once, complete, frozen.

Names are ``PLACET_POLICY_*`` in the environment, or the same in lower case without the prefix in the JSON object that
``PLACET_POLICY_CONFIG_FILE`` names; the environment wins. The settings are a function of what is passed in, and every
unknown or malformed name is reported at once, which is why this does not use a settings class that reads the
environment by itself and passes over names it does not know.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from placet_callback import strict_json
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from placet_policy.ledger.location import Location, SqliteLocation, parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "PLACET_POLICY_"
_CONFIG_FILE = "config_file"
_MAX_CONFIG_BYTES = 64 * 1024
_TLS = ("tls_cert_file", "tls_key_file", "client_ca_file", "client_san")


class SettingsInvalid(Exception):  # noqa: N818  (named after what happened)
    """The settings cannot be used.

    Attributes:
        problems: one line each, beginning with the name concerned.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems


def _ledger_url(url: str) -> str:
    parse_url(url)
    return url


def _loopback_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be http://HOST:PORT")
    if not _is_loopback_address(parts.hostname or ""):
        raise ValueError("OPA must be on a loopback address")
    return url


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Text = Annotated[str, AfterValidator(_not_blank)]


class Settings(BaseModel):
    """Everything that can be set. Seconds are floats; ports may be 0 in tests, the ``ready`` line tells the real ones.

    Attributes:
        host: address of the gRPC server. Anything but a loopback address needs the four TLS settings.
        port: port of the gRPC server.
        internal_host: address of ``/livez``, ``/readyz`` and ``/metrics``.
        internal_port: their port.
        tls_cert_file: certificate chain of the gRPC server, PEM.
        tls_key_file: its private key, PEM, readable by the owner (and group) only.
        client_ca_file: authorities whose client certificates are accepted, PEM.
        client_san: the one subject alternative name that may call.
        nodes_dir: folder of ``<node>.pem`` files with the nodes' public keys.
        opa_url: OPA's API, plain HTTP on a loopback address.
        opa_timeout_seconds: how long one question to OPA may take.
        gate_port: port on 127.0.0.1 from which OPA takes its bundle.
        bundle_dir: folder that holds ``bundle.tar.gz``.
        unsigned: ``accept`` lets releases without signatures decide; otherwise the tier is not ready with them.
        ledger_url: ``sqlite:////absolute/path`` or ``postgresql://USER@HOST/DATABASE``; never shown, as it may hold a
            password.
        ledger_password_file: holds PostgreSQL's password, read anew for every connection.
        ledger_migrate: ``at-start`` brings the ledger's tables to this program's version before they are used.
        ledger_standby: ``required`` makes the tier unready without a synchronous standby of PostgreSQL.
        ledger_head_seconds: how often the newest record's signed head is logged while there are new records.
        stop_file: while this file exists every request is held; its folder must exist.
        token_max_lifetime_seconds: a token that expires later than this from now is refused.
        audience: the ``aud`` a token must name; without it any ``aud`` is refused.
        max_connection_age_seconds: the server ends connections after about this long, so that callers resolve again.
        evaluation_seconds: ceiling of one evaluation, whatever the caller's deadline.
        unready_seconds: after SIGTERM, how long callers have to notice before calls are refused.
        drain_seconds: the whole time from SIGTERM to the end.
        reload_seconds: how often files are looked at.
        log_level: least severe level that is logged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: Text = "0.0.0.0"  # noqa: S104  (a container's own address)
    port: Port = 11030
    internal_host: Text = "0.0.0.0"  # noqa: S104  (same)
    internal_port: Port = 11031
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    client_ca_file: Path | None = None
    client_san: Text | None = None
    nodes_dir: Path
    opa_url: Annotated[str, AfterValidator(_loopback_url)] = "http://127.0.0.1:8181"
    opa_timeout_seconds: Seconds = 2.0
    gate_port: Port = 8182
    bundle_dir: Path
    unsigned: Literal["refuse", "accept"] = "refuse"
    ledger_url: Annotated[str, AfterValidator(_ledger_url), Field(repr=False)]
    ledger_password_file: Path | None = None
    ledger_migrate: Literal["refuse", "at-start"] = "refuse"
    ledger_standby: Literal["not-required", "required"] = "not-required"
    ledger_head_seconds: Seconds = 10.0
    stop_file: Path | None = None
    token_max_lifetime_seconds: Annotated[int, Field(gt=0, le=86400)] = 900
    audience: Text | None = None
    max_connection_age_seconds: Seconds = 120.0
    evaluation_seconds: Seconds = 6.0
    unready_seconds: Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)] = 3.0
    drain_seconds: Seconds = 20.0
    reload_seconds: Seconds = 1.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def tls(self) -> bool:
        """Whether the gRPC server speaks TLS; all four TLS settings are then there."""
        return self.tls_cert_file is not None

    @property
    def ledger(self) -> Location:
        """Where the ledger is."""
        return parse_url(self.ledger_url, password_file=self.ledger_password_file)

    @model_validator(mode="after")
    def _ledger_settings_agree(self) -> Self:
        try:
            location = self.ledger
        except ValueError as error:
            raise ValueError(f"{PREFIX}LEDGER_PASSWORD_FILE: {error}") from None
        if self.ledger_standby == "required" and isinstance(location, SqliteLocation):
            raise ValueError(f"{PREFIX}LEDGER_STANDBY: a SQLite ledger has no standby")
        return self

    @model_validator(mode="after")
    def _tls_is_complete(self) -> Self:
        given = [name for name in _TLS if getattr(self, name) is not None]
        if given and len(given) < len(_TLS):
            missing = ", ".join(PREFIX + name.upper() for name in _TLS if name not in given)
            raise ValueError(f"{missing}: TLS needs all of its four settings")
        if not given and not _is_loopback(self.host):
            raise ValueError(f"{PREFIX}HOST: without TLS settings only a loopback address is allowed")
        return self

    @model_validator(mode="after")
    def _waits_inside_drain(self) -> Self:
        if self.unready_seconds >= self.drain_seconds:
            raise ValueError(f"{PREFIX}UNREADY_SECONDS: must be less than {PREFIX}DRAIN_SECONDS")
        return self


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment and the file it may name.

    Raises:
        SettingsInvalid: naming every unknown, missing or malformed setting.
    """
    given: dict[str, object] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)
    }
    # An empty variable is how many deployment tools say "not set".
    given = {name: value for name, value in given.items() if value != ""}
    file = given.pop(_CONFIG_FILE, None)
    if file is not None:
        given = {**_read_file(Path(str(file))), **given}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsInvalid(
            tuple(_problem(each["loc"], each["type"], each["msg"]) for each in error.errors())
        ) from error


def _read_file(path: Path) -> dict[str, object]:
    name = PREFIX + _CONFIG_FILE.upper()
    try:
        content = strict_json.loads(path.read_bytes(), max_bytes=_MAX_CONFIG_BYTES)
    except OSError as error:
        raise SettingsInvalid((f"{name}: {path}: {error.strerror}",)) from error
    except strict_json.StrictJsonError as error:
        raise SettingsInvalid((f"{name}: {path}: {error.reason}",)) from error
    if not isinstance(content, dict):
        raise SettingsInvalid((f"{name}: {path}: not a JSON object",))
    return dict(content)


def _problem(location: tuple[int | str, ...], kind: str, message: str) -> str:
    if not location:
        # A rule over several settings: its text begins with the names.
        return message.removeprefix("Value error, ")
    name = PREFIX + str(location[0]).upper()
    if kind == "extra_forbidden":
        return f"{name}: unknown setting"
    return f"{name}: {message.removeprefix('Value error, ')}"


def _is_loopback(host: str) -> bool:
    return host == "localhost" or _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""Settings of the edge: read once, complete, frozen. Unknown or malformed ones stop the start, by name."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from placet_callback import strict_json
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from placet_edge.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "PLACET_EDGE_"
CONFIG_FILE = f"{PREFIX}CONFIG_FILE"
_MAX_CONFIG_BYTES = 64 * 1024

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _cores() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Every setting, with its default. The environment has them in upper case after ``PLACET_EDGE_``.

    Units are in the names; sizes are bytes. A setting given empty counts as not given.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    host: str = "0.0.0.0"  # noqa: S104  # the node comes from another machine; TLS is required beyond loopback
    port: Port = 11020
    internal_host: str = "0.0.0.0"  # noqa: S104  # probes and Prometheus come from outside the pod
    internal_port: Port = 11021
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    plaintext: bool = False

    server_key_file: Path
    server_key_passphrase_file: Path | None = None
    nodes_dir: Path

    policy_target: str = Field(min_length=1)
    policy_ca_file: Path | None = None
    policy_cert_file: Path | None = None
    policy_key_file: Path | None = None
    policy_san: str | None = None

    budget_seconds: Annotated[float, Field(gt=0, le=60)] = 7.0
    no_decision: Literal["close", "503", "200"] = "close"
    bad_token: Literal["answer", "close"] = "answer"  # noqa: S105  # a way to answer, no password
    ping_action: Literal["none", "approve"] = "none"
    response_form: Literal["text", "json"] = "text"
    issuer: str = "callback-server"
    response_minutes: Annotated[int, Field(ge=1, le=15)] = 2
    token_max_lifetime_seconds: Annotated[int, Field(ge=60, le=86400)] = 900
    audience: str | None = None
    refuse_unknown_fields: bool = False

    max_body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 1_572_864
    max_header_bytes: Annotated[int, Field(ge=1024, le=1024 * 1024)] = 16_384
    request_timeout_seconds: Seconds = 5.0
    max_concurrency: Annotated[int, Field(ge=1, le=100_000)] = 256
    drain_seconds: Seconds = 20.0
    unready_seconds: Annotated[float, Field(ge=0, le=3600)] = 3.0
    signing_threads: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=_cores)
    reload_seconds: Seconds = 1.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the configuration file; nothing else is read."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @property
    def tls(self) -> bool:
        """Whether the public port speaks TLS."""
        return self.tls_cert_file is not None

    @property
    def policy_mtls(self) -> bool:
        """Whether the policy tier is asked over mTLS."""
        return self.policy_ca_file is not None

    @model_validator(mode="after")
    def _check_public_port(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("TLS_CERT_FILE and TLS_KEY_FILE: give both or neither")
        if not self.tls and not self.plaintext and not _is_loopback(self.host):
            raise ValueError(
                "TLS_CERT_FILE and TLS_KEY_FILE: needed on a HOST that is not loopback (or PLAINTEXT=true)"
            )
        if self.tls and self.plaintext:
            raise ValueError("PLAINTEXT: true, but TLS_CERT_FILE is given too")
        return self

    @model_validator(mode="after")
    def _check_policy_target(self) -> Self:
        given = [self.policy_ca_file, self.policy_cert_file, self.policy_key_file, self.policy_san]
        if any(part is None for part in given) and any(part is not None for part in given):
            raise ValueError("POLICY_CA_FILE, POLICY_CERT_FILE, POLICY_KEY_FILE and POLICY_SAN: give all four or none")
        if not self.policy_mtls and not all(map(_is_loopback, _target_hosts(self.policy_target))):
            raise ValueError("POLICY_CA_FILE, POLICY_CERT_FILE, POLICY_KEY_FILE and POLICY_SAN: needed beyond loopback")
        return self

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if self.unready_seconds >= self.drain_seconds:
            raise ValueError("UNREADY_SECONDS: must be less than DRAIN_SECONDS, which includes it")
        return self


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment and, if one is named there, from the configuration file.

    Args:
        environ: the environment to look for unknown names in; values are read from the process's own.

    Raises:
        SettingsError: naming every setting that is unknown, missing or malformed.
    """
    problems = _unknown_names(environ)
    values = _config_file(environ.get(CONFIG_FILE))
    try:
        settings = Settings(**values)
    except ValidationError as e:
        raise SettingsError([*problems, *_problems(e)]) from e
    if problems:
        raise SettingsError(problems)
    return settings


def _unknown_names(environ: Mapping[str, str]) -> list[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {CONFIG_FILE}
    names = sorted(name for name in environ if name.upper().startswith(PREFIX) and name not in known)
    return [f"{name}: no such setting" for name in names]


def _config_file(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        content = Path(path).read_bytes()
    except OSError as e:
        raise SettingsError([f"{CONFIG_FILE}: {path}: cannot be read: {e.strerror}"]) from e
    try:
        values = strict_json.loads(content, max_bytes=_MAX_CONFIG_BYTES)
    except strict_json.StrictJsonError as e:
        raise SettingsError([f"{CONFIG_FILE}: {path}: is not strict JSON"]) from e
    if not isinstance(values, dict):
        raise SettingsError([f"{CONFIG_FILE}: {path}: is not a JSON object"])
    return values


def _problems(error: ValidationError) -> list[str]:
    """One line for each fault, without the value, which may be a secret in the wrong place."""
    return [_problem(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False, include_url=False)]


def _problem(location: tuple[int | str, ...], message: str) -> str:
    if not location:
        return PREFIX + message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}"


def _target_hosts(target: str) -> list[str]:
    """The hosts of a gRPC target: ``dns:///policy:11030``, ``[::1]:11030`` or ``ipv4:127.0.0.1:1,127.0.0.1:2``."""
    return [_host(address) for address in re.sub(r"^(dns:(//[^/]*/)?|ipv4:|ipv6:)", "", target).split(",")]


def _host(address: str) -> str:
    bracketed = re.match(r"^\[([^]]*)](:\d+)?$", address)
    return bracketed.group(1) if bracketed else address.rsplit(":", 1)[0]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""What ``placet node send`` can send: a sample by its id, or a callback request from a file."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_callback.envelope import RequestType, encode_request

from placet_cli.errors import CliError
from placet_cli.samples import sample

NO_SAMPLE = "no such file, and no sample of that name"
_LARGEST_FILE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A callback request, ready to be signed.

    Attributes:
        title: One phrase for people.
        package: The envelope's JSON bytes.
        request_id: What the answer must carry; None where the request has none.
        ping: It asks for no decision.
    """

    title: str
    package: bytes
    request_id: str | None
    ping: bool


def find_request(name: str, *, request_id: str | None = None) -> Request:
    """Find what is to be sent.

    Args:
        name: A sample's id, or a file with a callback request: the four fields of protocol c.1, or a sample file.
        request_id: The id to send it under. Without it a new one is made from the old one, because a server holds a
            request whose id it has seen with other content.

    Raises:
        CliError: There is neither such a sample nor such a file, or the file is no callback request.
    """
    known = sample(name)
    if known is not None:
        package, used = known.package(request_id)
        return Request(title=known.title, package=package, request_id=used, ping=known.is_ping)
    return _from_file(Path(name), request_id)


def _from_file(path: Path, request_id: str | None) -> Request:
    content = read_object_file(path, missing=NO_SAMPLE)
    fields = content.get("callback_request", content)
    if not isinstance(fields, dict) or not all(_fits(name, value) for name, value in fields.items()):
        raise CliError(
            f"{path}: must hold request_id, request_type, request_detail and extra_info,"
            " the type a whole number, the others text"
        )
    request_type = fields.get("request_type")
    ping = request_type in {None, RequestType.PING}
    if request_id is None:
        request_id = fields.get("request_id")
        request_id = request_id if ping else f"{request_id or path.stem}-{uuid.uuid4().hex[:8]}"
    package = encode_request(request_id, request_type, fields.get("request_detail"), fields.get("extra_info"))
    return Request(title=path.name, package=package, request_id=request_id, ping=ping)


def read_object_file(path: Path, *, missing: str = "no such file") -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Args:
        path: The file.
        missing: What is said where it is not there.

    Raises:
        CliError: It cannot be read, is larger than 4 MiB, or holds something else.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise CliError(f"{path}: {missing}") from error
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}") from error
    if len(data) > _LARGEST_FILE:
        raise CliError(f"{path}: larger than 4 MiB")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CliError(f"{path}: is not JSON") from error
    if not isinstance(content, dict):
        raise CliError(f"{path}: is not a JSON object")
    return content


def _fits(name: str, value: Any) -> bool:
    if name == "request_type":
        return type(value) is int
    return name in {"request_id", "request_detail", "extra_info"} and isinstance(value, str)

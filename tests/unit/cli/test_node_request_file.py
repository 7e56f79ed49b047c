"""What `placet node send` can send."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from placet_cli.errors import CliError
from placet_cli.node.request_file import find_request

REQUEST = {"request_id": "task:1", "request_type": 2, "request_detail": "{}", "extra_info": "{}"}
FIELDS = "must hold request_id, request_type, request_detail and extra_info, the type a whole number, the others text"


def _write(folder: Path, content: Any) -> str:
    file = folder / "request.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_a_sample_is_found_by_its_id() -> None:
    """With its title, and under a fresh id."""
    found = find_request("keysign_eth_legacy_transfer")
    assert (found.title, found.ping) == ("Native ETH transfer, legacy EIP-155 unsigned RLP", False)
    assert found.request_id is not None
    assert json.loads(found.package)["request_id"] == found.request_id


def test_a_file_with_the_four_fields_is_sent_under_a_new_id(tmp_path: Path) -> None:
    """The id is made from the old one, the content stays."""
    found = find_request(_write(tmp_path, REQUEST))
    assert found.request_id is not None
    assert re.fullmatch(r"task:1-[0-9a-f]{8}", found.request_id)
    assert json.loads(found.package) == {**REQUEST, "request_id": found.request_id}
    assert (found.title, found.ping) == ("request.json", False)


def test_a_sample_file_is_sent_too(tmp_path: Path) -> None:
    """A copy of a sample, changed by hand."""
    found = find_request(_write(tmp_path, {"_meta": {}, "callback_request": REQUEST}), request_id="mine")
    assert (found.request_id, json.loads(found.package)) == ("mine", {**REQUEST, "request_id": "mine"})


def test_a_request_without_an_id_gets_one_from_the_files_name(tmp_path: Path) -> None:
    """A request other than a ping needs an id."""
    found = find_request(_write(tmp_path, {"request_type": 1}))
    assert found.request_id is not None
    assert found.request_id.startswith("request-")


@pytest.mark.parametrize(
    ("content", "request_id"),
    [
        ({}, None),
        ({"request_type": 0}, None),
        ({"request_id": "", "request_type": 0}, ""),
        ({"request_id": "p", "request_type": 0}, "p"),
    ],
)
def test_a_ping_in_a_file_keeps_its_form(tmp_path: Path, content: dict[str, Any], request_id: str | None) -> None:
    """Nothing is added to it, and what it carries is what the answer must carry."""
    found = find_request(_write(tmp_path, content))
    assert (found.ping, found.request_id, json.loads(found.package)) == (True, request_id, content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "is not a JSON object"),
        ({"request_type": "2"}, FIELDS),
        ({"request_type": True}, FIELDS),
        ({"request_type": 2, "request_detail": {}}, FIELDS),
        ({"request_type": 2, "detail": "{}"}, FIELDS),
        ({"callback_request": []}, FIELDS),
        ("1" * (4 * 1024 * 1024 + 1), "larger than 4 MiB"),
    ],
)
def test_what_is_no_callback_request_is_named(tmp_path: Path, content: Any, problem: str) -> None:
    """The file and the reason."""
    file = _write(tmp_path, content)
    with pytest.raises(CliError) as refused:
        find_request(file)
    assert str(refused.value) == f"{file}: {problem}"


def test_what_is_neither_file_nor_sample_is_named() -> None:
    """Both possibilities are said."""
    with pytest.raises(CliError) as refused:
        find_request("keysign_eth_legacy")
    assert str(refused.value) == "keysign_eth_legacy: no such file, and no sample of that name"


def test_a_folder_is_no_request(tmp_path: Path) -> None:
    """The system's own words."""
    with pytest.raises(CliError) as refused:
        find_request(str(tmp_path))
    assert str(refused.value) == f"{tmp_path}: Is a directory"

"""A release is a bundle as it is, or a folder that is built, with other data where somebody tries them."""

import json
from pathlib import Path, PurePosixPath

import pytest
from opa_binary import opa_binary
from placet_cli.errors import CliError
from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.release import Release, merge, open_release
from placet_cli.reproducible_archive import tar_gz


def bundle(path: Path, **files: str) -> Path:
    """A bundle as `opa build` packs one, with leading slashes."""
    path.write_bytes(tar_gz({f"/{name}": text.encode() for name, text in files.items()}))
    return path


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder with one rule, its data and demonstration data."""
    folder = tmp_path / "policies"
    for name, text in {
        "bundle/placet/main/main.rego": "package placet.main\n\ndecision := data.placet.rules.x.limits\n",
        "bundle/placet/rules/x/data.json": '{"limits": {}, "on": true}',
        "demo/placet/rules/x/data.json": '{"limits": {"ETH": "5"}}',
        "bundle/placet/profiles/data.json": '{"key_groups": {}, "request_types": {}}',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_bundle_is_read_as_it_is(tmp_path: Path) -> None:
    """Rego by its path, and the one data document below placet."""
    file = bundle(tmp_path / "b.tar.gz", **{"data.json": '{"placet": {"a": 1}}', "placet/main/main.rego": "package m"})
    release = open_release(file, tmp_path, opa=opa_binary())
    assert (release.data, release.folder) == ({"a": 1}, None)
    assert release.modules == {PurePosixPath("placet/main/main.rego"): b"package m"}


def test_what_is_no_release_is_named(tmp_path: Path) -> None:
    """A path that is not there, a file that is no archive, data for a bundle."""
    with pytest.raises(BrokenInputError, match="nowhere: is neither a bundle nor a policy folder"):
        open_release(tmp_path / "nowhere", tmp_path, opa=opa_binary())
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(BrokenInputError, match=r"broken\.tar\.gz: is no bundle"):
        _ = Release(name=str(broken), bundle=broken, folder=None).modules
    with pytest.raises(BrokenInputError, match="other data need a policy folder; a bundle is taken as it is"):
        open_release(broken, tmp_path, opa=opa_binary(), data={})


def test_data_to_try_take_the_place_of_the_folders_own(policies: Path, tmp_path: Path) -> None:
    """Over the demonstration data too, which the folder itself could not restate; the folder stays as it was."""
    work = tmp_path / "work"
    work.mkdir()
    data = {"rules": {"x": {"limits": {"ETH": "1", "SOL": "2"}}}}
    release = open_release(policies, work, opa=opa_binary(), demo=True, data=data)
    assert release.data["rules"]["x"] == {"limits": {"ETH": "1", "SOL": "2"}, "on": True}
    assert json.loads((policies / "bundle/placet/rules/x/data.json").read_text()) == {"limits": {}, "on": True}


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"rulez": {"x": {}}}, "rulez/x"),
        ({"rules": {"y": {"limits": {}}, "z": {}, "x": {}}}, "rules/y, rules/z"),
        ({"rules": {"x": 1}}, "rules/x"),
        ({"rules": 5}, "rules"),
    ],
)
def test_data_for_nothing_are_refused(policies: Path, tmp_path: Path, data: dict[str, object], named: str) -> None:
    """A misspelt name would otherwise try the folder as it is; it is said by its whole path."""
    (tmp_path / "work").mkdir()
    with pytest.raises(CliError, match=f"^the data name {named}, for which the bundle has no data.json$"):
        open_release(policies, tmp_path / "work", opa=opa_binary(), data=data)


def test_objects_are_laid_over_objects() -> None:
    """Any other value takes the place of what was there."""
    assert merge({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": [2], "e": 4}) == {
        "a": {"b": 3, "c": 2},
        "d": [2],
        "e": 4,
    }

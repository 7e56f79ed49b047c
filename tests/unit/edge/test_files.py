"""files.py, keys.py, tls.py: what is read from files, and what is refused by name."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keys
import odd_pem
import pytest
import structlog
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from placet_edge.errors import KeyMaterialError
from placet_edge.files import Reloading, ReloadReport, read_file, read_secret, stamp
from placet_edge.keys import load_nodes, load_server_key
from placet_edge.metrics import Alerts, Metrics, Reloaded
from placet_edge.tls import check_authorities, check_pair


def secret(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Write a file with this mode."""
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o644, 0o666, 0o777])
def test_a_secret_that_is_open_to_everybody_is_refused(tmp_path: Path, mode: int) -> None:
    """Any permission of others is one too many."""
    with pytest.raises(KeyMaterialError, match="open to everybody"):
        read_secret(secret(tmp_path / "k", b"x", mode))


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640])
def test_owner_and_group_may_read_a_secret(tmp_path: Path, mode: int) -> None:
    """Kubernetes mounts secrets readable for a group."""
    assert read_secret(secret(tmp_path / "k", b"x", mode)) == b"x"


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    """Links themselves always look open."""
    secret(tmp_path / "k", b"x")
    (tmp_path / "link").symlink_to("k")
    assert read_secret(tmp_path / "link") == b"x"
    (tmp_path / "k").chmod(0o644)
    with pytest.raises(KeyMaterialError, match="link"):
        read_secret(tmp_path / "link")


@pytest.mark.parametrize(("content", "reason"), [(b"", "is empty"), (b" \n", "is empty"), (b"12345", "larger than 4")])
def test_empty_and_huge_files_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """Each with its reason."""
    with pytest.raises(KeyMaterialError, match=reason):
        read_file(secret(tmp_path / "f", content), max_bytes=4)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error has the path and the system's reason."""
    with pytest.raises(KeyMaterialError) as caught:
        read_file(tmp_path / "none")
    assert caught.value.fields == {
        "file": str(tmp_path / "none"),
        "reason": "cannot be read: No such file or directory",
    }


def test_the_stamp_changes_with_content_mode_links_and_entries(tmp_path: Path) -> None:
    """Everything that a rotation can do to a file or folder is seen."""
    folder = tmp_path / "nodes"
    folder.mkdir()
    file = secret(tmp_path / "f", b"a")
    (tmp_path / "link").symlink_to("f")
    paths = [folder, tmp_path / "link"]
    seen = [stamp(paths)]
    file.write_bytes(b"ab")
    seen.append(stamp(paths))
    file.chmod(0o640)
    seen.append(stamp(paths))
    (folder / "n.pem").write_bytes(b"x")
    seen.append(stamp(paths))
    shutil.copy2(file, tmp_path / "g")
    (tmp_path / "new").symlink_to("g")
    (tmp_path / "new").replace(tmp_path / "link")
    seen.append(stamp(paths))
    (tmp_path / "link").unlink()
    seen.append(stamp(paths))
    assert len(set(seen)) == 6
    assert stamp(paths) == seen[-1]


def test_a_folder_that_cannot_be_listed_is_a_state_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stamp is never an error: a folder may be entered and not listed, or vanish while it is looked at."""

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    listed = stamp([tmp_path])
    monkeypatch.setattr(Path, "iterdir", refuse)
    unlisted = stamp([tmp_path])
    monkeypatch.setattr(Path, "stat", refuse)
    assert len({listed, unlisted, stamp([tmp_path])}) == 3


class Loader:
    """Counts loads of a text file, and refuses the word bad."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loads = 0
        self.metrics = Metrics()
        self.log = structlog.testing.LogCapture()

    def load(self) -> str:
        self.loads += 1
        text = read_file(self.path).decode()
        if text == "bad":
            raise KeyMaterialError(self.path, "is bad")
        return text

    def reloading(self) -> Reloading[str]:
        """Watch the file."""
        log = structlog.wrap_logger(None, processors=[self.log])
        alerts = Alerts(metrics=self.metrics, log=log)
        report = ReloadReport(metrics=self.metrics, alerts=alerts, log=log)
        return Reloading(what=Reloaded.TLS, paths=[self.path], load=self.load, report=report)

    def count(self, result: str) -> float:
        labels = {"what": "tls", "result": result}
        return self.metrics.registry.get_sample_value("placet_edge_reloads_total", labels) or 0


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    """Looking is cheap."""
    loader = Loader(secret(tmp_path / "f", b"one"))
    reloading = loader.reloading()
    for _ in range(5):
        reloading.poll()
    assert (reloading.current, loader.loads) == ("one", 1)


def test_a_bad_file_at_the_start_is_an_error(tmp_path: Path) -> None:
    """There is nothing old to keep."""
    with pytest.raises(KeyMaterialError, match="is bad"):
        Loader(secret(tmp_path / "f", b"bad")).reloading()


def _raise_runtime_error() -> str:
    raise RuntimeError("-----BEGIN what the file says")


def test_a_loader_that_breaks_is_a_refusal(tmp_path: Path) -> None:
    """Whatever a parser raises keeps the old value, is said once by its type alone, and ends no watching."""
    loader = Loader(secret(tmp_path / "f", b"one"))
    reloading = loader.reloading()
    loader.path.write_bytes(b"second")
    good, reloading._load = reloading._load, _raise_runtime_error
    for _ in range(3):
        reloading.poll()
    assert (reloading.current, loader.count("refused")) == ("one", 1)
    (alert,) = loader.log.entries
    assert alert["reason"] == f"{loader.path}: this file, or one that goes with it, cannot be loaded: RuntimeError"
    reloading._load = good
    reloading.poll()
    assert reloading.current == "second"


def test_a_loader_that_breaks_at_the_start_names_its_file(tmp_path: Path) -> None:
    """The start ends with the file's name, not with a traceback that may quote it."""
    loader = Loader(secret(tmp_path / "f", b"one"))
    loader.load = _raise_runtime_error  # type: ignore[method-assign]
    with pytest.raises(KeyMaterialError) as caught:
        loader.reloading()
    assert caught.value.fields["file"] == str(loader.path)


def test_good_bad_good(tmp_path: Path) -> None:
    """New is taken, bad keeps the last good and is said once, and good again is taken."""
    loader = Loader(secret(tmp_path / "f", b"one"))
    reloading = loader.reloading()
    seen = []
    for content in (b"second", b"bad", b"bad", b"third!!"):
        loader.path.write_bytes(content)
        for _ in range(3):
            reloading.poll()
        seen.append(reloading.current)
    assert seen == ["second", "second", "second", "third!!"]
    assert (loader.count("taken"), loader.count("refused")) == (2, 2)
    assert [entry["event"] for entry in loader.log.entries] == ["reloaded", "alert", "alert", "reloaded"]


def test_a_file_that_becomes_good_without_changing_is_taken(tmp_path: Path) -> None:
    """A certificate whose time begins later needs no second change."""
    loader = Loader(secret(tmp_path / "f", b"one"))
    reloading = loader.reloading()
    loader.path.write_bytes(b"bad")
    reloading.poll()
    loader.load = lambda: "time has come"  # type: ignore[method-assign]
    reloading._load = loader.load
    reloading.poll()
    assert reloading.current == "time has come"


def test_server_keys_of_every_openssl_form(tmp_path: Path) -> None:
    """PKCS#1, PKCS#8 and encrypted PKCS#8 with a passphrase file that ends in a newline."""
    private = keys.server_private()
    encrypted = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open sesame")
    )
    pkcs1 = secret(
        tmp_path / "1", private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    pkcs8 = secret(tmp_path / "8", private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    locked = secret(tmp_path / "e", encrypted)
    passphrase = secret(tmp_path / "p", b"open sesame\n")
    loaded = [load_server_key(pkcs1, None), load_server_key(pkcs8, None), load_server_key(locked, passphrase)]
    assert [key.key_id for key in loaded] == [keys.server_public().key_id] * 3
    with pytest.raises(KeyMaterialError, match="no passphrase"):
        load_server_key(locked, None)
    with pytest.raises(KeyMaterialError, match="wrong passphrase"):
        load_server_key(locked, secret(tmp_path / "w", b"open"))


def test_a_key_of_another_type_is_refused(tmp_path: Path) -> None:
    """An EC key cannot make RS256."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyMaterialError, match="not an RSA key"):
        load_server_key(secret(tmp_path / "k", pem), None)


def nodes_folder(tmp_path: Path, **content: bytes) -> Path:
    """A folder with these files; double underscores in a name stand for a dot."""
    folder = tmp_path / "nodes"
    folder.mkdir()
    for name, data in content.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def test_nodes_are_files_and_several_keys_are_one_node(tmp_path: Path) -> None:
    """The file's name names the node; dot files, as Kubernetes makes them, are skipped."""
    other = keys.stranger_private().public_key()
    pem = other.public_bytes(Encoding.PEM, serialization.PublicFormat.PKCS1)
    folder = nodes_folder(tmp_path, prod__pem=keys.checker_public_pem() + pem, __data=b"skipped")
    nodes = load_nodes(folder)
    assert [(node.name, len(node.keys)) for node in nodes] == [("prod", 2)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "holds no <node>.pem"),
        ({"a__pem": b"no key"}, "a.pem.*no usable public keys"),
        ({"a__pem": keys.server_private_pem()}, "a.pem.*no usable public keys"),
        ({"a__pub": keys.checker_public_pem()}, "is not named <node>.pem"),
        ({"a__pem": keys.checker_public_pem(), "a__pem~": b"a backup"}, "a.pem~.*is not named <node>.pem"),
        ({"A__pem": keys.checker_public_pem()}, "A.pem.*is no node"),
        ({"a__pem": keys.checker_public_pem(), "b__pem": keys.checker_public_pem()}, "pinned twice, for a and b"),
    ],
)
def test_a_folder_that_is_no_set_of_nodes_is_refused(tmp_path: Path, content: dict[str, bytes], reason: str) -> None:
    """Empty means no; nothing is skipped in silence; one key never speaks for two nodes."""
    with pytest.raises(KeyMaterialError, match=reason):
        load_nodes(nodes_folder(tmp_path, **content))


def test_a_missing_nodes_folder_is_named(tmp_path: Path) -> None:
    """A wrong path is not an empty folder."""
    with pytest.raises(KeyMaterialError, match="cannot be read: No such file"):
        load_nodes(tmp_path / "none")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key."""
    issued = trustme.CA().issue_cert("edge.test")
    cert = secret(tmp_path / "c", issued.cert_chain_pems[0].bytes(), 0o644)
    return cert, secret(tmp_path / "k", issued.private_key_pem.bytes())


def test_a_pair_is_accepted(pair: tuple[Path, Path]) -> None:
    """A fresh certificate and its own key."""
    check_pair(*pair)


def test_a_certificate_of_tomorrow_is_refused(tmp_path: Path) -> None:
    """Peers would refuse it, so we do not take it before its time."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    issued = trustme.CA().issue_cert("edge.test", not_before=tomorrow)
    cert = secret(tmp_path / "c", issued.cert_chain_pems[0].bytes())
    with pytest.raises(KeyMaterialError, match="is valid only from"):
        check_pair(cert, secret(tmp_path / "k", issued.private_key_pem.bytes()))


def test_an_authority_file_must_hold_certificates(pair: tuple[Path, Path]) -> None:
    """A key where the authority belongs is refused by name."""
    check_authorities(pair[0])
    with pytest.raises(KeyMaterialError, match="holds no PEM certificate"):
        check_authorities(pair[1])


@pytest.mark.parametrize("spoil", [odd_pem.with_unknown_version, odd_pem.with_unknown_curve])
def test_odd_pem_are_refused_by_name(pair: tuple[Path, Path], spoil: Callable[[bytes], bytes]) -> None:
    """A version or a curve that does not exist is the certificate's fault, not an unexpected error."""
    pair[0].write_bytes(spoil(pair[0].read_bytes()))
    with pytest.raises(KeyMaterialError, match="holds a certificate that cannot be used") as of_pair:
        check_pair(*pair)
    with pytest.raises(KeyMaterialError, match="holds a certificate that cannot be used") as of_authority:
        check_authorities(pair[0])
    assert [error.value.path for error in (of_pair, of_authority)] == [pair[0]] * 2


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    """Its permissions cannot be judged, and the error says which file it is."""
    with pytest.raises(KeyMaterialError, match=r"none.*No such file"):
        read_secret(tmp_path / "none")


def test_files_that_change_while_they_are_read_are_read_again(tmp_path: Path) -> None:
    """Half of a swap is never taken: the value waits for a look in which nothing moved."""
    loader = Loader(secret(tmp_path / "f", b"one"))
    reloading = loader.reloading()

    def moving() -> str:
        text = read_file(loader.path).decode()
        loader.path.write_bytes(b"the second half")
        return text

    reloading._load = moving
    loader.path.write_bytes(b"first half")
    reloading.poll()
    assert reloading.current == "one"
    reloading._load = loader.load
    reloading.poll()
    assert reloading.current == "the second half"

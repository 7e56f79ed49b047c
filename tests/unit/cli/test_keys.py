"""`placet keys`: the files it makes, shows and checks."""

import stat
import subprocess
from pathlib import Path

import keys
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from placet_callback.token import load_private_key, load_public_keys
from placet_cli.__main__ import app
from placet_cli.key_files import fingerprint_lines, readers, write_new
from placet_cli.new_keys import pair_files, write_pair
from typer.testing import CliRunner, Result

RUNNER = CliRunner()

CHECKER_FINGERPRINT = """\
  3dd0 7fe0 29c8 7910
  3ce9 3b64 f58e 5614
  a9d0 eeb3 a120 0ca3
  ea61 6be8 41f6 7246
"""

SERVER_FINGERPRINT = """\
  890e ed7e 3777 e94b
  b346 3df8 2ade 9668
  c7ea f7af fdc8 1eb2
  c3d1 b829 7702 7884
"""


def _run(*arguments: str | Path) -> Result:
    return RUNNER.invoke(app, ["keys", *map(str, arguments)])


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """The published server pair, under the names that `keys new` gives."""
    files = pair_files(tmp_path, "callback-server")
    write_pair(files, keys.server_private())
    return files.private, files.public


def test_new_makes_an_rsa_4096_pair_that_only_the_owner_can_read(tmp_path: Path) -> None:
    """NAME-pri.pem has mode 0600, NAME-pub.key its public half, and both load."""
    result = _run("new", "--dir", tmp_path)
    private, public = tmp_path / "callback-server-pri.pem", tmp_path / "callback-server-pub.key"
    key = load_private_key(private.read_bytes())
    (published,) = load_public_keys(public.read_bytes())
    assert result.exit_code == 0
    assert (key.key_size, stat.S_IMODE(private.stat().st_mode)) == (4096, 0o600)
    assert published.rsa.public_numbers() == key.public_key().public_numbers()
    assert "\n".join(f"  {line}" for line in fingerprint_lines(published.rsa)) in result.stdout
    assert _run("check", private, public).stdout == (
        f"{private}: RSA-4096 private key, readable by owner only\n"
        f"{public}: RSA-4096 public key, readable by everyone\n"
        "The two files are a pair.\n"
    )


def test_new_never_overwrites(tmp_path: Path) -> None:
    """A file of either name stops it before anything is written."""
    (tmp_path / "mine-pub.key").write_text("precious")
    result = _run("new", "mine", "--dir", tmp_path)
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {tmp_path}/mine-pub.key: is there already and is never overwritten\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine-pub.key"]
    assert (tmp_path / "mine-pub.key").read_text() == "precious"


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    """A dangling link planted under the key's name does not lead the key elsewhere."""
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="is there already and is never overwritten"):
        write_new(tmp_path / "key", b"secret", mode=0o600)
    assert not (tmp_path / "elsewhere").exists()


def test_new_takes_a_name_and_no_path(tmp_path: Path) -> None:
    """A slash in NAME would write elsewhere than --dir says."""
    result = _run("new", "../mine", "--dir", tmp_path)
    assert (result.exit_code, result.stderr) == (1, "placet: NAME is a name, not a path; --dir says where\n")


def test_new_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The file that could not be made is named."""
    result = _run("new", "--dir", tmp_path / "no")
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {tmp_path}/no/callback-server-pri.pem: No such file or directory\n",
    )


def test_new_encrypts_with_the_passphrase_of_the_file(tmp_path: Path) -> None:
    """With it openssl opens the key, and without it the key stays closed."""
    (tmp_path / "pass").write_text("correct horse\n")
    assert _run("new", "--dir", tmp_path, "--passphrase-file", tmp_path / "pass").exit_code == 0
    private = tmp_path / "callback-server-pri.pem"
    openssl = ["openssl", "pkey", "-in", str(private), "-passin", f"file:{tmp_path}/pass", "-noout"]
    assert subprocess.run(openssl, check=False).returncode == 0
    refused = _run("show", private)
    assert refused.stderr == f"placet: {private}: the private key is encrypted and there is no passphrase\n"
    assert _run("show", private, "--passphrase-file", tmp_path / "pass").exit_code == 0


@pytest.mark.parametrize("content", ["\nx\n", "correct\nhorse\n"], ids=["first-line-empty", "two-lines"])
def test_a_passphrase_file_has_one_line(tmp_path: Path, content: str) -> None:
    """Another file would mean one thing to openssl and another to the edge."""
    (tmp_path / "pass").write_text(content)
    result = _run("new", "--dir", tmp_path, "--passphrase-file", tmp_path / "pass")
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {tmp_path}/pass: must hold the passphrase on one line and nothing else\n",
    )


def test_show_prints_the_public_key_and_its_fingerprint_in_groups(pair: tuple[Path, Path]) -> None:
    """The PEM is the published one; the fingerprint is the digest that openssl and sha256sum give, in 16 groups."""
    result = _run("show", pair[1])
    assert result.stdout == (
        keys.server_public_pem().decode() + "SHA-256 fingerprint, to be read out group by group:\n" + SERVER_FINGERPRINT
    )


def test_show_of_a_private_key_shows_the_public_half_only(pair: tuple[Path, Path]) -> None:
    """Nothing of the private key reaches the terminal."""
    assert _run("show", pair[0]).stdout == _run("show", pair[1]).stdout


def test_show_shows_every_key_of_a_file(tmp_path: Path) -> None:
    """While a node's key is rotated its file has two."""
    both = tmp_path / "node.pem"
    both.write_bytes(keys.server_public_pem() + keys.checker_public_pem())
    result = _run("show", both)
    assert result.stdout.count("BEGIN PUBLIC KEY") == 2
    assert result.stdout.endswith(CHECKER_FINGERPRINT)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"not a key", "the file has no public key in PEM form"),
        (b"a" * (1024 * 1024 + 1), "too large to be a key file"),
    ],
    ids=["empty", "text", "large"],
)
def test_show_names_what_is_no_key(tmp_path: Path, content: bytes, problem: str) -> None:
    """The file and the reason, in one line."""
    file = tmp_path / "file"
    file.write_bytes(content)
    result = _run("show", file)
    assert (result.exit_code, result.stderr) == (1, f"placet: {file}: {problem}\n")


def test_show_refuses_a_key_of_another_type(tmp_path: Path) -> None:
    """An elliptic-curve key is no callback key."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    (tmp_path / "ec.pem").write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    result = _run("show", tmp_path / "ec.pem")
    assert result.stderr == f"placet: {tmp_path}/ec.pem: a key in the file is not an RSA key\n"


def test_check_says_that_two_files_are_a_pair(pair: tuple[Path, Path]) -> None:
    """Type, size and readers of both, then the verdict; a smaller key than documented is told."""
    result = _run("check", *pair)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{pair[0]}: RSA-2048 private key, readable by owner only\n"
        f"{pair[1]}: RSA-2048 public key, readable by everyone\n"
        f"{pair[0]}: the node's documentation asks for RSA-4096\n"
        "The two files are a pair.\n"
    )


def test_check_tells_files_that_are_no_pair(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """Exit code 1, and both files are named."""
    other = tmp_path / "other.key"
    other.write_bytes(keys.checker_public_pem())
    result = _run("check", pair[0], other)
    assert (result.exit_code, result.stderr) == (1, f"placet: {pair[0]} and {other} are not a pair\n")


def test_check_refuses_a_private_key_that_everyone_can_read(pair: tuple[Path, Path]) -> None:
    """The edge would not start with it, so the command to run is told."""
    pair[0].chmod(0o644)
    result = _run("check", *pair)
    assert result.exit_code == 1
    assert result.stderr == (f"placet: {pair[0]} can be read by everyone on this machine; run: chmod 600 {pair[0]}\n")


def test_check_tells_that_the_group_can_read_the_private_key(pair: tuple[Path, Path]) -> None:
    """Containers mount secrets so; it is told and is no failure."""
    pair[0].chmod(0o640)
    result = _run("check", *pair)
    assert result.exit_code == 0
    assert "the group can read it too; that is meant where a container mounts it, and nowhere else" in result.stdout


def test_check_finds_a_private_key_where_the_public_one_belongs(pair: tuple[Path, Path]) -> None:
    """Whoever sends that file away gives the key away."""
    result = _run("check", pair[0], pair[0])
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {pair[0]}: this is a private key; it must not lie where a public key belongs\n",
    )


def test_check_wants_one_public_key(pair: tuple[Path, Path]) -> None:
    """Of two keys in the file one would be taken at random."""
    pair[1].write_bytes(keys.server_public_pem() + keys.checker_public_pem())
    result = _run("check", *pair)
    assert (result.exit_code, result.stderr) == (1, f"placet: {pair[1]}: holds 2 keys where one is expected\n")


def test_check_refuses_a_key_that_is_too_small(tmp_path: Path) -> None:
    """RSA-1024 can be broken."""
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    files = pair_files(tmp_path, "small")
    write_pair(files, small)
    result = _run("check", files.private, files.public)
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {files.private}: the RSA key has 1024 bits, not 2048 to 8192\n",
    )


def test_readers_follow_the_mode(tmp_path: Path) -> None:
    """The three answers."""
    file = tmp_path / "file"
    file.touch()
    seen = []
    for mode in (0o600, 0o640, 0o604):
        file.chmod(mode)
        seen.append(readers(file))
    assert seen == ["owner only", "owner and group", "everyone"]

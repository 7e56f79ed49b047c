"""A finished bundle tried as the policy tier will take it: the gate's own parse, then OPA's, then the self-tests."""

import subprocess
import sys
import tempfile
from pathlib import Path

from placet_cli.errors import CliError

_SECONDS = 120.0


def try_bundle(bundle: bytes, *, opa: Path) -> None:
    """Let the policy tier's ``explain`` load a bundle, and ask it nothing.

    Args:
        bundle: The tar.gz.
        opa: The pinned OPA.

    Raises:
        CliError: The policy tier would not take the bundle; the text is its own.
    """
    with tempfile.TemporaryDirectory(prefix="placet-policy-") as work:
        file = Path(work) / "bundle.tar.gz"
        file.write_bytes(bundle)
        command = [sys.executable, "-m", "placet_policy", "explain", "--bundle", str(file), "--opa", str(opa)]
        try:
            done = subprocess.run(  # noqa: S603 - the command is ours
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise CliError(f"the policy tier did not take the bundle within {_SECONDS:g} s") from error
    if done.returncode:
        # Where nothing inside can be named the policy tier names the file, which here is only ours.
        problem = done.stderr.strip().removeprefix("explain: ").removesuffix(f" {file.name}")
        raise CliError(f"the policy tier would not take this bundle: {problem}")

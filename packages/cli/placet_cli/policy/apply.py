"""A finished bundle as the ConfigMap that the policy tier's pods mount, and its way there through kubectl."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from placet_cli.errors import CliError

BUNDLE_KEY = "bundle.tar.gz"
MAX_BYTES = 1024 * 1024
"""What Kubernetes allows for all keys of a ConfigMap together, before base64."""

_SECONDS = 60.0
_REVISION = "placet/revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a bundle goes.

    Attributes:
        name: the ConfigMap, as the chart's ``policy.bundle.configMap`` names it.
        namespace: the release's.
        context: the cluster, as kubectl's configuration names it; None for the present one.
    """

    name: str
    namespace: str
    context: str | None = None


def read_bundle(path: Path) -> bytes:
    """Read a bundle that fits into a ConfigMap.

    Raises:
        CliError: it cannot be read, is empty, or is too large.
    """
    try:
        with path.open("rb") as file:
            bundle = file.read(MAX_BYTES + 1)
            size = path.stat().st_size
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}") from error
    if not bundle:
        raise CliError(f"{path}: the file is empty")
    if len(bundle) > MAX_BYTES:
        raise CliError(
            f"{path}: {size} bytes, and a ConfigMap holds at most {MAX_BYTES} (1 MiB); shorten the lists of the release"
        )
    return bundle


def config_map(bundle: bytes, destination: Destination) -> str:
    """Return the manifest, as JSON. Its annotation names the revision that decisions will carry."""
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": destination.name,
            "namespace": destination.namespace,
            "labels": {"app.kubernetes.io/part-of": "placet"},
            "annotations": {_REVISION: f"sha256:{hashlib.sha256(bundle).hexdigest()}"},
        },
        "binaryData": {BUNDLE_KEY: base64.b64encode(bundle).decode()},
    }
    return json.dumps(manifest, indent=2) + "\n"


def apply(manifest: str, destination: Destination, *, kubectl: str) -> str:
    """Let kubectl apply the manifest.

    Returns:
        What kubectl says.

    Raises:
        CliError: kubectl is not there, does not end, or refuses; the text is its own.
    """
    command = _command(destination, kubectl)
    try:
        done = subprocess.run(  # noqa: S603 - the user's own kubectl
            command, input=manifest, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise CliError(f"{kubectl}: not found; install kubectl, or print the manifest with --dry-run") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CliError(f"{kubectl} could not be run: {error}") from error
    if done.returncode:
        raise CliError(f"kubectl refuses: {done.stderr.strip()}")
    return done.stdout.strip()


def _command(destination: Destination, kubectl: str) -> Sequence[str]:
    context = [] if destination.context is None else ["--context", destination.context]
    # On the server's side: the other way keeps a second copy in an annotation, which ends at 256 KiB. Whoever wrote the
    # ConfigMap before, the bundle is ours.
    server_side = ["--server-side", "--force-conflicts", "--field-manager", "placet"]
    return [kubectl, *context, "--namespace", destination.namespace, "apply", *server_side, "--filename", "-"]

"""Images by buildah, in a store of their own that needs no daemon, no registry and no user namespaces."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.building.bases import EPOCH
from tests.cluster.building.commands import output

# What reaches package registries from here. A build needs it; the images that come out of it must not know it.
_REGISTRY_FILES = ("/etc/pip.conf", "/etc/uv/uv.toml", "/etc/ssl/certs/ca-certificates.crt")
_REGISTRY_VARIABLES = re.compile(r"(PIP|UV)_[A-Z_]+|SSL_CERT_FILE|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy")


class Buildah:
    """A store of images in a folder.

    Args:
        folder: is made where it is missing, and holds nothing else.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._command: list[str | Path] = ["buildah", "--root", folder / "root", "--runroot", folder / "run"]

    def base(self, name: str, files: Path, *, registries: bool = False) -> str:
        """An image of a root file system (a tar) or of one program, which becomes the file `/opa`.

        Args:
            name: of the image, without tag.
            files: the tar, or the program.
            registries: whether it knows how this machine reaches package registries; for stages that are thrown away.

        Returns:
            The image's whole name.
        """
        image = f"localhost/{name}:base"
        container = self._run("from", "--pull-never", "scratch").strip()
        try:
            if files.suffix == ".tar":
                self._run("add", "--quiet", container, files, "/")
            else:
                self._run("copy", "--quiet", "--chmod", "0755", container, files, f"/{files.name}")
            if registries:
                self._teach(container)
            self._run("commit", "--quiet", "--timestamp", str(EPOCH), container, image)
        finally:
            self._run("rm", container)
        return image

    def build(self, dockerfile: Path, *, image: str, context: Path, arguments: Mapping[str, str]) -> None:
        """Build a Dockerfile.

        Raises:
            CommandFailedError: with the build's last words; all of them are in a log beside the store.
        """
        options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        log = self._folder / f"{dockerfile.parent.name}.log"
        fixed = ("--isolation", "chroot", "--pull-never", "--no-cache", "--layers=false", "--timestamp", str(EPOCH))
        self._run("build", *fixed, *options, "--file", dockerfile, "--tag", image, context, log=log)

    def save(self, image: str, archive: Path) -> None:
        """Write an image as an archive for `docker load` and `ctr images import`."""
        partial = archive.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        self._run("push", "--quiet", image, f"docker-archive:{partial}:{image}")
        partial.replace(archive)

    def forget(self, image: str) -> None:
        """Take an image out of the store."""
        self._run("rmi", "--force", image)

    def _teach(self, container: str) -> None:
        for file in _REGISTRY_FILES:
            if Path(file).is_file():
                self._run("copy", "--quiet", container, file, file)
        known = [f"--env={name}={value}" for name, value in os.environ.items() if _REGISTRY_VARIABLES.fullmatch(name)]
        if known:
            self._run("config", *known, container)

    def _run(self, *arguments: str | Path, log: Path | None = None) -> str:
        environment = {"BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}
        return output([*self._command, *arguments], environment=environment, log=log)

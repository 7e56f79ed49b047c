"""A container image of one static program, as the archive that `ctr images import` takes: no registry, no builder."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

_EPOCH = "1970-01-01T00:00:00Z"


def write_archive(path: Path, *, name: str, program: Path) -> None:
    """Write a docker archive whose only file is the program, which is its entry point too.

    Args:
        path: the archive.
        name: the image's name with its tag, as ``localhost/pause:1``.
        program: a static executable; its file name is its name in the image.
    """
    layer = _layer(program)
    digest = hashlib.sha256(layer).hexdigest()
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "created": _EPOCH,
            "config": {"Entrypoint": [f"/{program.name}"], "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created": _EPOCH, "created_by": "tests/cluster"}],
        }
    ).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": [f"{digest}.tar"]}]).encode()
    with tarfile.open(path, "w") as archive:
        for file, content in ((config_name, config), ("manifest.json", manifest), (f"{digest}.tar", layer)):
            _add(archive, file, content, mode=0o644)


def _layer(program: Path) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as layer:
        # metrics-server writes its own certificate there when nothing is mounted over it.
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        layer.addfile(folder)
        _add(layer, program.name, program.read_bytes(), mode=0o755)
    return held.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, *, mode: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    archive.addfile(info, io.BytesIO(content))

"""Settings of the kernel that the kubelet changes for the whole machine, written down to be put back."""

import subprocess
from pathlib import Path

from tests.cluster.node.folders import Folders

_CHANGED = (
    "vm.overcommit_memory",
    "vm.panic_on_oom",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.keys.root_maxkeys",
    "kernel.keys.root_maxbytes",
)


def keep_settings(folders: Folders) -> None:
    """Write down what they are, unless that was done and they may be changed already."""
    kept = _kept(folders)
    if not kept.exists():
        done = subprocess.run(["sysctl", *_CHANGED], check=False, capture_output=True, text=True)
        kept.write_text(done.stdout, encoding="utf-8")


def restore_settings(folders: Folders) -> None:
    """Put back what was written down."""
    kept = _kept(folders)
    if kept.exists():
        subprocess.run(["sysctl", "-qp", kept], check=False)
        kept.unlink()


def _kept(folders: Folders) -> Path:
    return folders.run / "sysctl.old"

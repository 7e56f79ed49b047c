"""What programs that were ended, and buildah's stores, leave mounted: no folder can be deleted below which it is."""

import subprocess
from pathlib import Path


def unmount_below(folder: Path) -> None:
    """Unmount all that is mounted below a folder, where it is in use as soon as it is not any more."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    below = [mount.split()[1] for mount in mounts if mount.split()[1].startswith(f"{folder}/")]
    # The innermost first.
    for mount in sorted(below, reverse=True):
        if subprocess.run(["umount", mount], check=False, capture_output=True).returncode:
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)

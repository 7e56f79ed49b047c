"""The real OPA, which every test about OPA uses: there is no test double for it and no test that is passed over."""

import os
import shutil
from functools import cache
from pathlib import Path

VERSION = "1.22.2"


@cache
def opa_binary() -> Path:
    """The pinned OPA: PLACET_OPA, else PATH, else the cache that `placet opa path` fills."""
    cached = Path.home() / ".cache" / "placet" / "opa" / f"v{VERSION}" / "opa"
    for candidate in (os.environ.get("PLACET_OPA"), shutil.which("opa"), str(cached)):
        if candidate and os.access(candidate, os.X_OK):
            return Path(candidate)
    raise RuntimeError(f"no OPA {VERSION}: run `placet opa path`, or set PLACET_OPA")

"""Generate the Python of placet.policy.v1 into proto/gen, from nothing.

The folder is cleared first, so that what is committed is exactly what the generator makes today. The path of the
.proto file equals its import path, so the generated imports are right and nothing is patched afterwards.
"""

import importlib.resources
import shutil
import sys
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).resolve().parent
GEN = PROTO / "gen"
SOURCE = "placet/policy/v1/policy.proto"


def main() -> int:
    """Regenerate everything; return protoc's exit status."""
    shutil.rmtree(GEN, ignore_errors=True)
    GEN.mkdir()
    includes = importlib.resources.files("grpc_tools") / "_proto"
    status: int = protoc.main(
        [
            "protoc",
            f"--proto_path={PROTO}",
            f"--proto_path={includes}",
            f"--python_out={GEN}",
            f"--mypy_out={GEN}",
            f"--grpc_python_out={GEN}",
            f"--mypy_grpc_out={GEN}",
            SOURCE,
        ]
    )
    if status:
        return status
    # protoc writes neither; without them the stubs are no typed package.
    for folder in ("placet", "placet/policy", "placet/policy/v1"):
        (GEN / folder / "__init__.py").write_text("")
    (GEN / "placet" / "py.typed").write_text("")
    return 0


if __name__ == "__main__":
    sys.exit(main())

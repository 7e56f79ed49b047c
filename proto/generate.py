"""Generate the Python of placet.policy.v1 into proto/gen, from nothing.

The folder is cleared first, so that what is committed is exactly what the generator makes today. The path of the
.proto file equals its import path, so the generated imports are right and nothing is patched afterwards.
"""

import filecmp
import importlib.resources
import shutil
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-untyped]  # it ships no types

PROTO = Path(__file__).resolve().parent
GEN = PROTO / "gen"
SOURCE = "placet/policy/v1/policy.proto"
PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")


def generate(out: Path) -> int:
    """Write everything into `out`, which is cleared first; return protoc's exit status."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    includes = importlib.resources.files("grpc_tools") / "_proto"
    status: int = protoc.main(
        [
            "protoc",
            # protoc looks for plugins on PATH, and the environment's programs need not be there.
            *(f"--plugin={name}={Path(sys.executable).with_name(name)}" for name in PLUGINS),
            f"--proto_path={PROTO}",
            f"--proto_path={includes}",
            f"--python_out={out}",
            f"--mypy_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_grpc_out={out}",
            SOURCE,
        ]
    )
    if status:
        return status
    # protoc writes neither; without them the stubs are no typed package.
    for folder in ("placet", "placet/policy", "placet/policy/v1"):
        (out / folder / "__init__.py").write_text("")
    (out / "placet" / "py.typed").write_text("")
    return 0


def stale(fresh: Path) -> list[str]:
    """The files that differ between what is committed and what the generator makes today."""
    made = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    kept = {path.relative_to(GEN) for path in GEN.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    same = {path for path in made & kept if filecmp.cmp(fresh / path, GEN / path, shallow=False)}
    return sorted(str(path) for path in (made | kept) - same)


def check() -> int:
    """Generate into a temporary folder and compare; 0 when the committed stubs are what the .proto says."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "gen"
        status = generate(fresh)
        differing = [] if status else stale(fresh)
    for name in differing:
        print(f"proto/gen/{name} is not what the generator makes: run `make proto` and commit the result")
    return 1 if differing else status


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else generate(GEN))

"""Small bundles for tests of the gate and of OPA's answer; the shipped policies have tests of their own."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

MANIFEST = {"revision": "", "roots": ["placet"], "rego_version": 1}

MAIN = """package placet.main

default decision := {"schema": "placet.decision/v1", "effect": "hold", "rules_evaluated": [], "reasons": [{
\t"code": "NOT_ALLOWED", "rule": "main", "message": "not allowed", "remediation": "",
}]}

decision := {
\t"schema": "placet.decision/v1",
\t"effect": "allow",
\t"reasons": [],
\t"rules_evaluated": data.placet.profiles.request_types[input.request.type].rules,
} if data.placet.open

selftest := {
\t"sum": sprintf("%d", [input.selftest.a + input.selftest.b]),
\t"greater": input.selftest.a > input.selftest.b,
\t"total": sprintf("%d", [sum([input.selftest.a, input.selftest.b])]),
}
"""

DATA: dict[str, Any] = {
    "registry": {"chains": {}, "tokens": {}, "keys": {}, "abis": {}},
    "profiles": {
        "request_types": {
            kind: {"rules": ["contradictions"]} for kind in ("KEY_GEN", "KEY_SIGN", "KEY_RESHARE", "KEY_SHARE_SIGN")
        },
        "key_groups": {},
    },
    "accept_unprovable": {"codes": {}},
}


def tar_gz(members: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    """An archive of these members, in this order; a TarInfo stands for a member that is no plain file."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


def members(
    *, main: str = MAIN, data: Mapping[str, Any] | None = None, manifest: Mapping[str, Any] | None = None, **more: bytes
) -> dict[str, bytes]:
    """The members of a bundle as `opa build` names them; `more` adds some or replaces them."""
    placet = {**DATA, **(data or {})}
    return {
        "/data.json": json.dumps({"placet": placet}).encode(),
        "/bundle/placet/main/main.rego": main.encode(),
        "/.manifest": json.dumps(MANIFEST if manifest is None else manifest).encode(),
        **more,
    }


def bundle(**changes: Any) -> bytes:
    """A bundle file; see `members`."""
    return tar_gz(members(**changes))

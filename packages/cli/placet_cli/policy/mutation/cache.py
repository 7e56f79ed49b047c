"""Verdicts of earlier runs, kept by what they depend on: only what changed is judged again."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from placet_cli.opa_binary import VERSION
from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.mutants import Mutant
from placet_cli.policy.mutation.verdicts import Kind, Verdict

_JUDGED = "1"
"""Counted up when mutants are judged in another way."""


@dataclass(frozen=True, kw_only=True)
class Cache:
    """One small file a verdict, below the user's cache folder.

    What a module's tests noticed depends on the mutant, those tests and what they see. Everything else depends on all
    of the folder.

    Attributes:
        folder: The policy folder.
        root: Where the files are; None: nothing is kept.
    """

    folder: Folder
    root: Path | None
    _by_file: dict[PurePosixPath, str] = field(default_factory=dict)

    def find(self, mutant: Mutant) -> Verdict | None:
        """The verdict of an earlier run, if nothing that it depends on has changed."""
        for key in self._keys(mutant):
            verdict = self._read(key)
            if verdict is not None:
                return verdict
        return None

    def keep(self, mutant: Mutant, verdict: Verdict) -> None:
        """Keep a verdict; a cache that cannot be written is none."""
        if self.root is None:
            return
        by_tests, by_all = self._keys(mutant)
        file = self._file(by_tests if verdict.by == "test" else by_all)
        content = json.dumps({"kind": verdict.kind.value, "by": verdict.by, "words": verdict.words})
        beside = file.with_suffix(f".{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(content, encoding="utf-8")
            beside.replace(file)
        except OSError:
            return

    def _read(self, key: str) -> Verdict | None:
        if self.root is None:
            return None
        try:
            found = json.loads(self._file(key).read_text(encoding="utf-8"))
            return Verdict(kind=Kind(found["kind"]), by=found["by"], words=found["words"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _file(self, key: str) -> Path:
        assert self.root is not None  # noqa: S101 - both callers have looked
        return self.root / key[:2] / f"{key}.json"

    def _keys(self, mutant: Mutant) -> tuple[str, str]:
        by_tests = _digest([mutant.package, mutant.text, self._tests(mutant.file)])
        return by_tests, _digest([by_tests, self._everything])

    def _tests(self, file: PurePosixPath) -> str:
        """The digest of the tests of a module and of what they see; data count with everything else."""
        if file not in self._by_file:
            modules = self.folder.modules
            tests = modules.tests_of(file) if file in modules.sources else []
            seen = sorted({other for test in tests for other in modules.seen_by(test)})
            texts = [modules.sources[other].text for other in seen if other != file]
            self._by_file[file] = _digest([_JUDGED, VERSION, *texts, *self._data(seen)])
        return self._by_file[file]

    def _data(self, files: Iterable[PurePosixPath]) -> list[str]:
        return [json.dumps(_at(self.folder.data, ref[1:])) for ref in sorted(self.folder.modules.data_refs(files))]

    @cached_property
    def _everything(self) -> str:
        folder = self.folder
        cases = [json.dumps([case.input, case.data, case.expected]) for case in folder.cases]
        modules = [source.text for _, source in sorted(folder.modules.sources.items())]
        files = [folder.policies / "capabilities.json", *sorted((folder.policies / "schemas").rglob("*.json"))]
        return _digest([*cases, *modules, *(file.read_text(encoding="utf-8") for file in files if file.is_file())])


def default_root(environment: Mapping[str, str]) -> Path:
    """``$XDG_CACHE_HOME``, else ``~/.cache``, ``/placet/mutation``."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".cache")
    return Path(cache) / "placet" / "mutation"


def _at(document: object, path: tuple[str, ...]) -> object:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:".encode() + part.encode())
    return digest.hexdigest()

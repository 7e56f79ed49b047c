"""Which modules a module sees: what must be loaded with it, and whose tests can notice that it changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from placet_cli.policy.mutation.syntax import Node, Source, name_of, walk


@dataclass(frozen=True, kw_only=True)
class Modules:
    """The modules of a bundle, tests among them.

    Attributes:
        sources: By the path below ``bundle``.
    """

    sources: Mapping[PurePosixPath, Source]

    def seen_by(self, file: PurePosixPath) -> frozenset[PurePosixPath]:
        """A module and all that it sees, directly or through others."""
        return self._seen[file]

    def tests_of(self, file: PurePosixPath) -> list[PurePosixPath]:
        """The test modules that see a module: its own, in its folder, come first."""
        tests = [name for name in self.sources if is_test(name) and file in self.seen_by(name)]
        return sorted(tests, key=lambda name: (name.parent != file.parent, name))

    def data_refs(self, files: Iterable[PurePosixPath]) -> frozenset[tuple[str, ...]]:
        """The places below ``data`` that modules name, as far as they are constant."""
        return frozenset(ref for file in files for ref in self._refs[file])

    @cached_property
    def _refs(self) -> Mapping[PurePosixPath, frozenset[tuple[str, ...]]]:
        return {file: frozenset(_refs(source)) for file, source in self.sources.items()}

    @cached_property
    def _seen(self) -> Mapping[PurePosixPath, frozenset[PurePosixPath]]:
        return {file: self._all_from(file) for file in self.sources}

    def _all_from(self, file: PurePosixPath) -> frozenset[PurePosixPath]:
        found, waiting = set(), [file]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self._direct[current]
        return frozenset(found)

    @cached_property
    def _direct(self) -> Mapping[PurePosixPath, Sequence[PurePosixPath]]:
        # What ships depends on no test, though `data.placet.rules[name]` would find those beside the rules.
        packages: dict[tuple[str, ...], list[PurePosixPath]] = {}
        for file, source in self.sources.items():
            packages.setdefault(tuple(source.package.split(".")), []).append(file)
        names = {package: self._names(files) for package, files in packages.items()}
        return {
            file: [
                other
                for package, files in packages.items()
                if source.package == ".".join(package)
                or any(_sees(ref, package, names[package]) for ref in self._refs[file])
                for other in files
                if other != file and (is_test(file) or not is_test(other))
            ]
            for file, source in self.sources.items()
        }

    def _names(self, files: Sequence[PurePosixPath]) -> set[str]:
        return {name_of(rule) for file in files for rule in self.sources[file].rules}


def is_test(file: PurePosixPath) -> bool:
    """Tell a module of tests by its name."""
    return file.name.endswith("_test.rego")


def _sees(ref: tuple[str, ...], package: tuple[str, ...], names: set[str]) -> bool:
    if len(ref) <= len(package):
        return package[: len(ref)] == ref
    # What lies in a package's folder and is no rule of it is data.
    return ref[: len(package)] == package and ref[len(package)] in names


def _refs(source: Source) -> Iterator[tuple[str, ...]]:
    for visit in walk([source.tree.get("imports", []), source.rules]):
        if visit.node.get("type") == "ref" and visit.node["value"][0].get("value") == "data":
            yield _constant(visit.node["value"][1:])


def _constant(terms: Sequence[Node]) -> tuple[str, ...]:
    parts: list[str] = []
    for term in terms:
        if term.get("type") != "string":
            break
        parts.append(str(term["value"]))
    return tuple(parts)

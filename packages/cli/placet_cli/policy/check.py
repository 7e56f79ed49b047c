"""Everything that can be found in a policy folder without deciding anything."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from placet_cli.policy.case_findings import sound_cases
from placet_cli.policy.compiling import compile_findings, format_findings
from placet_cli.policy.conventions import convention_findings
from placet_cli.policy.data_findings import file_findings
from placet_cli.policy.findings import Finding
from placet_cli.policy.folder import judging

_UNPARSED = frozenset({"REGO_PARSE_ERROR"})


def check_folder(policies: Path, *, opa: Path) -> list[Finding]:
    """Find all that is wrong with a policy folder, not only the first.

    What cannot be parsed hides what the checks in Rego would find; everything else is found beside it.

    Args:
        policies: Laid out like ``policies/``.
        opa: The pinned OPA.

    Returns:
        The findings by file and line; empty where there is none.

    Raises:
        BrokenFolderError: The folder is not laid out so, or something that the rest is judged by cannot be read.
    """
    with judging(policies), ThreadPoolExecutor() as pool:
        compiling = pool.submit(compile_findings, policies, opa=opa)
        formatting = pool.submit(format_findings, policies, opa=opa)
        files = pool.submit(file_findings, policies)
        compiled = compiling.result()
        found = [*compiled, *formatting.result(), *files.result(), *_conventions(policies, compiled, opa)]
    return sorted(set(found), key=lambda each: each.order)


def _conventions(policies: Path, compiled: Sequence[Finding], opa: Path) -> list[Finding]:
    cases, broken = sound_cases(policies)
    if any(each.id in _UNPARSED or each.file.startswith("checks/") for each in compiled):
        return broken
    return [*broken, *convention_findings(policies, cases, opa=opa)]

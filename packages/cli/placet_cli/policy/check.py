"""Everything that can be found in a policy folder without deciding anything."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from placet_cli.errors import CliError
from placet_cli.policy.case_findings import sound_cases, unread_cases
from placet_cli.policy.compiling import compile_findings, format_findings
from placet_cli.policy.conventions import convention_findings
from placet_cli.policy.data_findings import file_findings, shape_findings
from placet_cli.policy.findings import Finding, Level
from placet_cli.policy.folder import judging

_UNPARSED = frozenset({"REGO_PARSE_ERROR"})
_OF_CASES = frozenset({"CODE_WITHOUT_CASE", "RULE_WITHOUT_ALLOW"})


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


def refuse_errors(policies: Path, *, opa: Path) -> None:
    """Let no folder be built in which there are errors that ``build_bundle`` does not find itself.

    Warnings pass, and so does a folder without checks. Cases and demonstration data are not looked at, because they are
    not shipped.

    Args:
        policies: Laid out like ``policies/``, and ``build_bundle`` takes it.
        opa: The pinned OPA.

    Raises:
        CliError: There are errors, and the text has one line each; or the folder cannot be judged.
    """
    if not (policies / "checks").is_dir():
        return
    found = [*shape_findings(policies), *convention_findings(policies, [], opa=opa)]
    errors = sorted((each for each in found if each.kind.level is Level.ERROR), key=lambda each: each.order)
    if errors:
        lines = [f"{each.file}:{each.line}: {each.id}: {each.text}" for each in errors]
        raise CliError("\n  ".join(["no bundle may have these errors:", *lines]))


def _conventions(policies: Path, compiled: Sequence[Finding], opa: Path) -> list[Finding]:
    broken: list[Finding]
    try:
        cases, broken = sound_cases(policies)
        unread = False
    except CliError as error:
        # What the cases start from is broken, which hides whether they are complete and nothing else.
        cases, broken, unread = [], [unread_cases(error)], True
    if any(each.id in _UNPARSED or each.file.startswith("checks/") for each in compiled):
        return broken
    found = convention_findings(policies, cases, opa=opa)
    return [*broken, *(each for each in found if not (unread and each.id in _OF_CASES))]

"""The policy tier's own programs, asked in processes of their own: its decoder and its judgement exist once."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from placet_cli.policy.folder import BrokenInputError

_EXIT_BROKEN = 2


def explained(bundles: Sequence[Path], questions: Path, *, opa: Path) -> Iterator[tuple[dict[str, Any], ...]]:
    """Let the policy tier explain every question under every bundle.

    Args:
        bundles: Each ``bundle.tar.gz``; they are asked beside each other.
        questions: Lines as ``placet_policy explain`` reads them.
        opa: The pinned OPA.

    Yields:
        For each question its answers, in the order of the bundles: ``facts``, ``input``, ``decision`` and ``amounts``,
        or ``error`` where the tier would decide nothing.

    Raises:
        BrokenInputError: The tier takes one of the bundles not, or answers less than it was asked.
    """
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="placet-explain-")))
        running = [_start(bundle, questions, work / str(number), opa, stack) for number, bundle in enumerate(bundles)]
        for bundle, process in zip(bundles, running, strict=True):
            said = process.communicate()[1].decode(errors="replace").strip()
            if process.returncode not in {0, 1}:
                raise BrokenInputError(f"{bundle}: {said.removeprefix('explain: ')}")
        files = [stack.enter_context((work / str(number)).open("rb")) for number in range(len(bundles))]
        try:
            for lines in zip(*files, strict=True):
                yield tuple(json.loads(line) for line in lines)
        except ValueError as error:
            raise BrokenInputError("the policy tier did not answer every question") from error


def write_recorded(arguments: Sequence[str], questions: Path) -> str:
    """Append recorded requests to a file of questions, as ``placet_policy audit questions`` writes them.

    Args:
        arguments: The source, ``--export FILE``, ``--record FILE`` or ``--url URL``, and a decision's id to take only
            that one.
        questions: The file.

    Returns:
        What was left out and why, a line each; empty where nothing was.

    Raises:
        BrokenInputError: The source cannot be read; the text is the policy tier's.
    """
    command = [sys.executable, "-m", "placet_policy", "audit", "questions", *arguments]
    with questions.open("ab") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)  # noqa: S603 - ours
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        raise BrokenInputError(said.removeprefix("audit: "))
    return said


def _start(bundle: Path, questions: Path, answers: Path, opa: Path, stack: ExitStack) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "placet_policy", "explain", "--bundle", str(bundle), "--opa", str(opa)]
    with questions.open("rb") as asked, answers.open("wb") as output:
        process = subprocess.Popen(command, stdin=asked, stdout=output, stderr=subprocess.PIPE)  # noqa: S603 - ours
    # It ends its OPA when it is told to end, and so must not be killed.
    stack.enter_context(process)
    stack.callback(process.terminate)
    return process

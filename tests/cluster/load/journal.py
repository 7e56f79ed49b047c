"""The load as the harness sees it: started, read while it runs, and ended."""

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.load.proof import Try, by_request

_SCRIPT = Path(__file__).with_name("asking.py")
_PYTHON = ("/opt/placet/bin/python", "-I", "-u", "-c")
_END_SECONDS = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What happened to requests in some time.

    Attributes:
        answered: how many tries were answered.
        silent: how many were not.
        longest: seconds from the first try of a request to its answer, of those whose answer came in this time.
    """

    answered: int
    silent: int
    longest: float


@dataclass(slots=True, kw_only=True)
class Journal:
    """A running load and its tries so far.

    Attributes:
        process: the program in the pod, whose standard input keeps it going.
        tries: grows while it runs.
    """

    process: "subprocess.Popen[str]"
    tries: list[Try] = field(default_factory=list)
    _reader: threading.Thread | None = None

    @classmethod
    def begin(cls, *, namespace: str, pod: str, plan: Mapping[str, Any]) -> "Journal":
        """Start the load in the stand-in's pod."""
        script = _SCRIPT.read_text(encoding="utf-8")
        argv = ["kubectl", "--namespace", namespace, "exec", "-i", pod, "--", *_PYTHON, script, json.dumps(plan)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        journal = cls(process=process)
        journal._reader = threading.Thread(target=journal._read, daemon=True)
        journal._reader.start()
        return journal

    def end(self) -> None:
        """Let the unanswered requests be asked to their end.

        Raises:
            AssertionError: the program ended with an error, or before it was told to.
        """
        assert self.process.poll() is None, "the load has ended by itself"
        assert self.process.stdin is not None
        self.process.stdin.close()
        status = self.process.wait(timeout=_END_SECONDS)
        assert self._reader is not None
        self._reader.join()
        assert status == 0, f"the load ended with status {status}"

    def close(self) -> None:
        """End the program, whatever it does, and let go of its pipes."""
        self.process.kill()
        self.process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def since(self, moment: float) -> Sequence[Try]:
        """The tries that ended after a moment (seconds since 1970)."""
        return [each for each in list(self.tries) if each.answered_at >= moment]

    def window(self, begun: float, ended: float, *, held: frozenset[str]) -> Window:
        """What happened in a time to requests of samples that are not held anyway."""
        mine = [each for each in list(self.tries) if each.sample not in held]
        inside = [each for each in mine if begun <= each.answered_at <= ended]
        firsts = {request_id: tries[0].at for request_id, tries in by_request(mine).items()}
        answered = [each for each in inside if each.kind != "no response"]
        longest = max((each.answered_at - firsts[each.request_id] for each in answered), default=0.0)
        return Window(answered=len(answered), silent=len(inside) - len(answered), longest=longest)

    def wait_answered(self, *, seconds: float = 60.0) -> float:
        """Wait until a try that is sent from now on is answered; returns after how many seconds."""
        now = time.time()
        while not any(each.kind == "approved" and each.at >= now for each in list(self.tries)):
            assert time.time() - now < seconds, f"no request was approved for {seconds:.0f} s"
            assert self.process.poll() is None, "the load has ended by itself"
            time.sleep(0.2)
        return time.time() - now

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.tries.append(Try(**json.loads(line)))

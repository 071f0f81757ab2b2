"""Runs one function from text to text in child processes that are stopped when they take too long.

A child is `python -m forum.kit.sandbox package.module:function seconds`: a JSON string a line in, a JSON
object a line out. It ends when its input does, so none outlives us, however we die.
"""

import asyncio
import atexit
import json
import math
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Timer
from traceback import extract_tb
from types import FrameType
from typing import IO, cast

PACKAGE_ROOT = str(Path(__file__).parents[2])


class TooSlow(Exception):
    """The child was stopped before it had an answer."""


class Busy(Exception):
    """So many calls wait already that one more would only wait in vain."""


class Broken(Exception):
    """The function raised in the child; says what and where. A bug, not a refusal."""


class Sandbox:
    """Children for one function, `target` = "package.module:function"; started when first needed, then kept.

    cpu_seconds: of the child for one call. wall_seconds: the same by the clock, for a child that hangs.
    size: how many run at once; up to `queue` further calls wait their turn.
    """

    def __init__(
        self, target: str, *, cpu_seconds: float = 2.0, wall_seconds: float = 15.0, size: int = 2, queue: int = 20
    ) -> None:
        self._command = [sys.executable, "-m", "forum.kit.sandbox", target, str(cpu_seconds)]
        self._wall_seconds = wall_seconds
        self._most, self._calls = size + queue, 0
        self._idle: SimpleQueue[_Child] = SimpleQueue()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="sandbox")
        atexit.register(self.close)

    async def run(self, text: str) -> str:
        """What the function makes of `text`. Raises TooSlow, Busy, or Broken when the function raises."""
        if self._calls >= self._most:
            raise Busy
        self._calls += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, text)
        finally:
            self._calls -= 1

    def close(self) -> None:
        """Ends the idle children; a later call starts new ones. Happens by itself when the program ends."""
        while child := self._next_idle():
            child.end()

    def _call(self, text: str) -> str:
        child = self._living()
        reply = child.ask(text, self._wall_seconds)
        if not reply:
            child.end()
            raise TooSlow
        self._idle.put(child)
        outcome: dict[str, str] = json.loads(reply)
        if "text" in outcome:
            return outcome["text"]
        if "bug" in outcome:
            raise Broken(outcome["bug"])
        raise TooSlow

    def _living(self) -> "_Child":
        while child := self._next_idle():
            if child.is_alive():
                return child
            child.end()
        return _Child(self._command)

    def _next_idle(self) -> "_Child | None":
        try:
            return self._idle.get_nowait()
        except Empty:
            return None


class _Child:
    """One process and the two pipes to it."""

    def __init__(self, command: list[str]) -> None:
        # An environment of its own: the settings' secrets stay here. A session of its own: Ctrl-C is ours to handle.
        surroundings = {"PYTHONPATH": PACKAGE_ROOT}
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, text=True, env=surroundings, start_new_session=True)  # noqa: S603
        self._questions = cast(IO[str], self._process.stdin)
        self._answers = cast(IO[str], self._process.stdout)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, text: str, wall_seconds: float) -> str:
        """The answer, a line; "" when the process died over it."""
        guard = Timer(wall_seconds, self._process.kill)
        guard.start()
        try:
            self._questions.write(json.dumps(text) + "\n")
            self._questions.flush()
            return self._answers.readline()
        except BrokenPipeError:
            return ""
        finally:
            guard.cancel()

    def end(self) -> None:
        with suppress(BrokenPipeError):
            self._questions.close()
        try:
            self._process.wait(timeout=1)
        except TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()


class _CpuSpent(BaseException):
    """Not an Exception, so that no library under test catches it."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _CpuSpent


def _limited(function: Callable[[str], str], text: str, cpu_seconds: float) -> dict[str, str]:
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        try:
            return {"text": function(text)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _CpuSpent:
        return {}
    except Exception as error:
        place = extract_tb(error.__traceback__)[-1]
        return {"bug": f"{type(error).__name__} in {place.filename}:{place.lineno}"}  # its words may be a post's


def _allow_cpu(seconds: float) -> None:
    """Lets the kernel kill us a little later, in whole seconds: the timer above cannot interrupt C code."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(spent.ru_utime + spent.ru_stime + seconds + 0.5)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def main(target: str, cpu_seconds: float) -> None:
    """The child: answers each line of its input until there is no more."""
    module, _, name = target.partition(":")
    function: Callable[[str], str] = getattr(import_module(module), name)
    signal.signal(signal.SIGPROF, _stop)
    for line in sys.stdin:
        _allow_cpu(cpu_seconds)
        print(json.dumps(_limited(function, json.loads(line), cpu_seconds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))

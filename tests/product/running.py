"""Runs the product as a process, as `make run` does, and looks at it from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import httpx

from tests.leash import end_with_us

ROOT = Path(__file__).parents[2]
FROM_SOURCE = (sys.executable, "-m", "forum")
PATIENCE_SECONDS = 60  # for a start on a busy machine
GRACE_SECONDS = 10  # so long Docker waits for what it stops, until it kills it


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(var: Path, port: int, **settings: str) -> dict[str, str]:
    """Only what a fresh machine has, and the settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "FORUM_VAR": str(var),
        "FORUM_PORT": str(port),
        "PYTHONWARNINGS": "error::ResourceWarning",
        **settings,
    }


class Site:
    """One running `forum serve`; `said` is what it has printed so far."""

    def __init__(
        self,
        var: Path,
        *words: str,
        command: Sequence[str | Path] = FROM_SOURCE,
        folder: Path = ROOT,
        port: int | None = None,
        errors: IO[str] | int = subprocess.PIPE,
        **settings: str,
    ) -> None:
        self.var, self.port = var, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said = ""
        self.process = subprocess.Popen(
            [*command, "serve", *words], cwd=folder, env=environment(var, self.port, **settings), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
        end_with_us(self.process.pid)

    def wait_until_ready(self) -> None:
        """Until the address is printed on a line of its own and the page behind it answers."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if line == "Ctrl-C stops it.\n":
                break
        else:
            raise AssertionError(f"it ended: {self.said}{self.refusal()}")
        assert self.url in self.said.splitlines()
        assert eventually(lambda: self.status("/readyz") == 200, PATIENCE_SECONDS)

    def status(self, path: str) -> int:
        """The HTTP status of a page, 0 when nobody answers."""
        try:
            return httpx.get(self.url + path, timeout=30).status_code
        except httpx.TransportError:
            return 0

    def page(self, path: str) -> str:
        """The HTML a guest gets."""
        return httpx.get(self.url + path, timeout=30).raise_for_status().text

    def refusal(self) -> str:
        """What it says on stderr when it ends by itself."""
        rest, complaint = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.said += rest
        return complaint

    def stop(self, request: signal.Signals = signal.SIGINT) -> float:
        """Ask it to end, as Ctrl-C does; returns the seconds until everything of it has ended."""
        began = time.monotonic()
        os.killpg(self.process.pid, request)
        self.process.wait(PATIENCE_SECONDS)
        assert eventually(lambda: not self.processes(), PATIENCE_SECONDS)
        return time.monotonic() - began

    def kill_everything(self) -> None:
        """What a power cut does to it."""
        for pid in [self.process.pid, *self.processes()]:
            with suppress(ProcessLookupError):  # some end by themselves meanwhile
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def processes(self) -> list[int]:
        """All processes that belong to it: its own session's, and its database's."""
        return processes_of(self.process.pid, self.var)

    def database_server(self) -> int:
        return int((self.var / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def processes_of(session: int, folder: Path) -> list[int]:
    """All processes of a session, and those that work in a folder."""
    return [pid for pid in all_processes() if session_of(pid) == session or stands_in(pid, folder)]


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def session_of(pid: int) -> int:
    """The session a living process belongs to, 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[3])


def stands_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve().is_relative_to(folder)
    except OSError:
        return False


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds

"""The two sites side by side, each in a process of its own, and what they and the database cost."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from forum.kit.embedded import Embedded

ROOT = Path(__file__).parents[2]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 30


class Site:
    """A web server as a process. `cpu` counts its own CPU seconds, `database_cpu` those of all PostgreSQL."""

    def __init__(self, postgres: Embedded, *command: str, **settings: str) -> None:
        self.port = _free_port()
        self._postgres = int((postgres.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        self._command = [sys.executable, "-m", *(word.format(port=self.port) for word in command)]
        self._environment = {"PATH": os.environ["PATH"], "FORUM_PORT": str(self.port), **settings}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cpu(self) -> float:
        return _cpu(self._process.pid)

    @property
    def database_cpu(self) -> float:
        return _cpu(self._postgres, with_ended=True) + sum(map(_cpu, _children(self._postgres)))

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"{' '.join(self._command)} does not answer")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url).status_code == 200
        except httpx.TransportError:
            return False


class Staffroom(Site):
    """The forum as `forum serve` runs it for production: the web alone, its jobs elsewhere."""

    def __init__(self, postgres: Embedded, folder: Path) -> None:
        super().__init__(
            postgres, "forum", "serve", "--no-worker", DATABASE_URL=postgres.url, FORUM_VAR=str(folder / "site")
        )


class Floor(Site):
    """The bare application of floor.py, with the templates in `folder`."""

    def __init__(self, postgres: Embedded, folder: Path) -> None:
        super().__init__(postgres, "tests.bench.floor", "{port}", postgres.url, str(folder))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu(pid: int, *, with_ended: bool = False) -> float:
    """User and system seconds of a process; on demand with those of its children that have ended."""
    try:
        ticks = _stat(pid)[11:15]
    except OSError:
        return 0.0
    return sum(map(int, ticks if with_ended else ticks[:2])) / TICKS_A_SECOND


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

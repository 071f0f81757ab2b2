"""Helpers of the embedded database's tests."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from forum.kit.embedded import Embedded

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")

# A process of its own that starts the database in the folder it is handed, says so, and waits for a line.
STARTER = """
import sys
from pathlib import Path
from forum.kit.embedded import CannotStart, Embedded
database = Embedded(Path(sys.argv[1]), fsync=False)
try:
    database.start()
except CannotStart as refusal:
    sys.exit(str(refusal))
print(database.url, flush=True)
sys.stdin.readline()
database.stop()
"""


def starter(folder: Path, program: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [program, "-c", STARTER, str(folder)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def ask(database: Embedded | str, sql: str) -> Any:
    async def fetch() -> Any:
        connection = await asyncpg.connect(database if isinstance(database, str) else database.url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    with asyncio.Runner() as runner:
        return runner.run(fetch())


def pid_file(folder: Path) -> Path:
    return folder / "postgres" / "data" / "postmaster.pid"


def server_files(folder: Path) -> list[Path]:
    """What only a running server has."""
    return [path for path in (pid_file(folder), folder / "postgres" / "socket" / ".s.PGSQL.5432") if path.exists()]


def server_in(folder: Path) -> int:
    return int(pid_file(folder).read_text().split()[0])


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()

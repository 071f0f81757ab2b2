"""How fast a mailing list's archive comes in: `forum import-mail` as a process, on a database of its own."""

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import asyncpg

from forum.kit.db import connect, value
from forum.kit.embedded import Embedded
from forum.kit.migrate import migrate
from tests.bench import table
from tests.bench.servers import ROOT
from tests.real_data import DATA

ARCHIVES = ("twisted-web.mbox.xz", "usrp-users-2019-2021.mbox.xz")
LOOK_SECONDS = 0.05


def report(postgres: Embedded, folder: Path, *, is_quick: bool) -> None:
    """Print messages a second, from start to exit of the process, and the most memory its processes held together."""
    print("\nImport of an archive: the whole command, with its start.\n")
    if not (DATA / "archives").is_dir():
        print("Left out: there are no archives here. FORUM_TEST_DATA names the folder that holds them.")
        return
    table.row("", "posts", "seconds", "posts/s", "MB")
    for name in ARCHIVES[:1] if is_quick else ARCHIVES:
        _report(postgres, folder, DATA / "archives" / name)


def _report(postgres: Embedded, folder: Path, archive: Path) -> None:
    url = asyncio.run(_new_database(postgres.url, re.sub(r"\W", "_", archive.name)))
    seconds, memory = _run(archive, url, folder)
    posts = asyncio.run(_posts(url))
    table.row(archive.name, f"{posts:,}", f"{seconds:.1f}", f"{posts / seconds:.0f}", f"{memory / 1e6:.0f}")


async def _new_database(url: str, name: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    finally:
        await connection.close()
    new = url.replace("/postgres?", f"/{name}?")
    await migrate(new)
    return new


async def _posts(url: str) -> int:
    async with connect(url) as db:
        return int(await value(db, "SELECT count(*) FROM post"))


def _run(archive: Path, url: str, folder: Path) -> tuple[float, int]:
    """Seconds and most bytes of memory of one import. Raises RuntimeError when it fails."""
    began, most = time.monotonic(), 0
    with (folder / "import.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "forum", "import-mail", str(archive), "--category", "archive"],
            cwd=ROOT, stdout=log, stderr=log,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": url, "FORUM_VAR": str(folder / "import")},
        )  # fmt: skip
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"import-mail failed: {(folder / 'import.log').read_text()[-500:]}")
    return seconds, most


def _memory(pid: int) -> int:
    """Bytes a process and its children hold, shared pages counted once."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    held = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    return int(held[1]) * 1024 * bool(held) + sum(_memory(int(child)) for child in children) if held else 0

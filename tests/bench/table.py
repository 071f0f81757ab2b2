"""Lines of the printed report: the machine, and rows of columns."""

import asyncio
import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg

WIDTHS = (32, 16, 8, 16, 8, 8, 8)
PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "databases", "asyncpg", "jinja2")


def row(first: str, *others: str) -> None:
    """Print a row: the first column to the left, the others to the right."""
    columns = [first.ljust(WIDTHS[0])] + [text.rjust(width) for text, width in zip(others, WIDTHS[1:], strict=False)]
    print(" ".join(columns).rstrip(), flush=True)


def machine(url: str) -> list[str]:
    """What the figures were measured on."""
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    return [
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, load {load}",
        f"Python {platform.python_version()}, PostgreSQL {asyncio.run(_postgres(url))}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


async def _postgres(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()

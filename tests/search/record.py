"""Records tests/search/recorded anew from a Meilisearch of its own: python -m tests.search.record MEILISEARCH [PYTEST…]

It starts the program named, on loopback, with a key made up for tests and an empty folder, and runs the tests of the
wire against it. One search at a time and one that waits, so that it can be brought to say 503.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

KEY = "a-key-made-up-for-tests"
TESTS = Path(__file__).parent
FLAGS = (
    "--no-analytics",
    "--max-indexing-memory=1GiB",
    "--experimental-nb-searches-per-core=1",
    "--experimental-search-queue-size=1",
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/health").close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("It does not start.")


def main(program: str, *options: str) -> int:
    """Start it, record, stop it. Returns pytest's code."""
    address = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [Path(program).resolve(), *FLAGS, "--http-addr", address, "--db-path", "db"],
            cwd=folder,
            env={"MEILI_MASTER_KEY": KEY, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://{address}")
            os.environ |= {"MEILI_URL": f"http://{address}", "MEILI_MASTER_KEY": KEY, "MEILI_RECORD": "1"}
            os.environ["MEILI_PID"] = str(server.pid)
            return int(pytest.main(["-q", *(options or map(str, TESTS.glob("test_wire*.py")))]))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

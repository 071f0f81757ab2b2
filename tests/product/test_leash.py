"""A site that a test run has started, and its database, end with the run, also where that is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product.running import PATIENCE_SECONDS, ROOT, eventually, processes_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody watches over them"),
]

# Each starts a site in a folder, says the id of its process, and goes on until it is killed.
A_SITE = """
import sys
from pathlib import Path
from tests.product.running import Site
site = Site(Path(sys.argv[1]))
site.wait_until_ready()
print(site.process.pid, flush=True)
sys.stdin.readline()
"""
A_SITE_OF_A_THREAD = """
import sys
from pathlib import Path
from threading import Thread
from tests.product.running import Site
sites = []
thread = Thread(target=lambda: sites.append(Site(Path(sys.argv[1]))))
thread.start()
thread.join()
sites[0].wait_until_ready()
print(sites[0].process.pid, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("program", [A_SITE, A_SITE_OF_A_THREAD], ids=["started by the process", "started by a thread"])
def test_a_killed_test_run_leaves_no_site_and_no_database_behind(tmp_path, program):
    var = tmp_path / "var"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(var)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        started = int(starter.stdout.readline())
        assert len(processes_of(started, var)) > 1

        starter.kill()

    try:
        assert eventually(lambda: not processes_of(started, var), PATIENCE_SECONDS)
    finally:
        end(started, var)


def end(session: int, folder: Path) -> None:
    for pid in processes_of(session, folder):
        os.kill(pid, signal.SIGKILL)

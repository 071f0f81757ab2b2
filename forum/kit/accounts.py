"""Whom PostgreSQL runs as: it refuses root, so root lends it a user namespace or, failing that, another account."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """An identity to start programs under; without a `uid` it is our own.

    In a namespace the program sees `uid` and the system sees root without its powers: files stay root's,
    folders closed to others stay reachable, and no second user is needed.
    """

    uid: int | None = None
    gid: int | None = None
    in_namespace: bool = False

    def start(self, *command: str | Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program that, on Linux, is told to stop when the calling thread dies: call from the main thread."""
        return subprocess.Popen(  # noqa: S603 - our own commands
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._options()
        )

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end and keep what it printed."""
        return subprocess.run(  # noqa: S603 - our own commands
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **self._options()
        )

    def can_run(self, *command: str | Path) -> bool:
        try:
            return self.run(*command).returncode == 0
        except (OSError, subprocess.SubprocessError):  # not permitted to execute it, or to enter the namespace
            return False

    def can_use(self, folder: Path) -> bool:
        return self.can_run("/bin/sh", "-c", 'cd -- "$0" && [ -w . ]', folder)

    def take(self, folder: Path) -> None:
        """As root, give the account a folder and all in it; the folder last, so that its owner speaks for the rest."""
        uid, gid = (self.uid or 0, self.gid or 0) if self._is_another_user() else (0, 0)
        if os.geteuid() == 0 and folder.stat().st_uid != uid:
            for path in (*folder.rglob("*"), folder):
                os.chown(path, uid, gid, follow_symlinks=False)

    def _is_another_user(self) -> bool:
        return self.uid is not None and not self.in_namespace

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"cwd": "/", "env": _environment(), "preexec_fn": self._preparation()}
        options["start_new_session"] = True  # a Ctrl-C in the terminal is ours to handle
        if self._is_another_user():
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def _preparation(self) -> Callable[[], None]:
        """What the child does between fork and exec, after its user has been set."""
        parent = os.getpid()

        def prepare() -> None:
            if self.in_namespace:
                _enter_namespace(self.uid or 0, self.gid or 0)
            if sys.platform == "linux":
                _die_with(parent)

        return prepare


def candidates(database: Path) -> Iterator[Account]:
    """Accounts to try, best first. Whoever owns the files of an existing database keeps them."""
    if os.geteuid() != 0:
        yield Account()
        return
    owner = database.stat() if database.exists() else None
    if owner and owner.st_uid != 0:
        yield Account(owner.st_uid, owner.st_gid)
        return
    for entry in _stand_ins():
        if sys.platform == "linux":
            yield Account(entry.pw_uid, entry.pw_gid, in_namespace=True)
        yield Account(entry.pw_uid, entry.pw_gid)


def _stand_ins() -> list[pwd.struct_passwd]:
    """An existing account to be in root's place: initdb wants a name for its user."""
    found = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    return [found[name] for name in ("postgres", "nobody") if name in found][:1]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _enter_namespace(uid: int, gid: int) -> None:
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if _LIBC.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are forbidden")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGINT (PostgreSQL's fast shutdown) when our parent dies; a change of user would clear it."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)

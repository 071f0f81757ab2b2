"""Migrations: once, in order, whole or not at all, one runner at a time."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from forum.kit import migrate as migrate_module
from forum.kit.embedded import Embedded
from forum.kit.migrate import Connection, MigrationError, load, migrate, pending
from forum.kit.site import MIGRATIONS

NOTE = "-- Why: people write notes.\nCREATE TABLE note (id bigint PRIMARY KEY, body text NOT NULL);\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with Embedded(tmp_path_factory.mktemp("var"), fsync=False) as database:
        yield database


@pytest.fixture
async def url(server: Embedded) -> str:
    """An empty database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    await connection.close()
    return server.url.replace("@/postgres?", f"@/{name}?")


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes one migration and returns the folder."""

    def write_one(name: str, sql: str) -> Path:
        (tmp_path / f"{name}.sql").write_text(sql, "utf-8")
        return tmp_path

    return write_one


async def test_each_migration_runs_once_in_order(url, connection, write):
    write("0002_second", "ALTER TABLE note ADD COLUMN author text;")
    folder = write("0001_first", NOTE)
    assert await pending(connection, folder) == ["0001_first", "0002_second"]

    assert await migrate(url, folder) == ["0001_first", "0002_second"]
    assert await migrate(url, folder) == []

    assert await pending(connection, folder) == []
    write("0003_third", "INSERT INTO note VALUES (1, 'kept');")
    assert await pending(connection, folder) == ["0003_third"]
    assert await migrate(url, folder) == ["0003_third"]
    assert await connection.fetchval("SELECT body FROM note") == "kept"


async def test_line_ends_of_windows_make_no_difference(url, write):
    folder = write("0001_first", NOTE)
    await migrate(url, folder)
    (folder / "0001_first.sql").write_bytes(NOTE.replace("\n", "\r\n").encode())
    assert await migrate(url, folder) == []


async def test_a_file_changed_after_it_ran_is_refused(url, connection, write):
    folder = write("0001_first", NOTE)
    await migrate(url, folder)
    write("0001_first", NOTE + "-- an afterthought\n")
    for attempt in (migrate(url, folder), pending(connection, folder)):
        with pytest.raises(
            MigrationError, match=r"^0001_first\.sql was changed after it ran in this database\. Put it"
        ):
            await attempt


async def test_a_database_newer_than_the_code_is_refused(url, connection, write):
    write("0001_first", NOTE)
    folder = write("0002_second", "SELECT 1;")
    await migrate(url, folder)
    (folder / "0002_second.sql").unlink()
    for attempt in (migrate(url, folder), pending(connection, folder)):
        with pytest.raises(MigrationError, match=r"^The database is newer than this code: it has 0002_second\."):
            await attempt


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("CREATE TABLE a (id bigint);\n\nCREATE TABLE b (\n    id nonsense\n);\n", 4),
        ("CREATE TABLE a (id bigint);\n-- why\n\nCREATE TABLE a (id bigint);\n", 4),
        ("CREATE TABLE a (id bigint PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1);", 3),
        ("CREATE TABLE a (id bigint);\nSELEKT 1;\n", 2),
        ("CREATE TABLE a (body text);\nINSERT INTO a VALUES ('ä;\n\n', 'b');\n", 4),
    ],
)
async def test_a_failing_file_is_rolled_back_whole_and_names_its_line(url, connection, write, broken, line):
    write("0001_first", NOTE)
    folder = write("0002_broken", broken)
    with pytest.raises(MigrationError, match=rf"^0002_broken\.sql, line {line}: "):
        await migrate(url, folder)
    assert await connection.fetchval("SELECT to_regclass('a') IS NULL")
    assert await pending(connection, folder) == ["0002_broken"]

    write("0002_broken", "CREATE TABLE a (id bigint);")
    assert await migrate(url, folder) == ["0002_broken"]


async def test_a_failing_commit_names_its_file(url, connection, write):
    folder = write(
        "0001_late",
        "CREATE TABLE a (id bigint PRIMARY KEY);\n"
        "CREATE TABLE b (a_id bigint REFERENCES a DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO b VALUES (1);\n",
    )
    with pytest.raises(MigrationError, match=r"^0001_late\.sql: .*foreign key"):
        await migrate(url, folder)
    assert await connection.fetchval("SELECT to_regclass('a') IS NULL")


async def test_semicolons_inside_text_comments_and_functions_end_nothing(url, connection, write):
    folder = write(
        "0001_first",
        """-- Why: a; b.
        /* c; d */
        CREATE TABLE "no;te" (body text DEFAULT 'it''s; "fine"', other text DEFAULT E'it\\'s; too');
        CREATE FUNCTION one() RETURNS integer LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; $body$;
        DO $$ BEGIN PERFORM one(); INSERT INTO "no;te" DEFAULT VALUES; END $$;
        -- the end;
        """,
    )
    await migrate(url, folder)
    assert tuple(await connection.fetchrow('SELECT body, other, one() FROM "no;te"')) == (
        """it's; "fine\"""",
        "it's; too",
        1,
    )


async def test_a_file_may_ask_to_run_outside_a_transaction(url, connection, write):
    write("0001_first", NOTE)
    folder = write(
        "0002_index",
        "-- Why: notes are searched by their text.\n-- no-transaction\n"
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS note_body ON note (body);\nANALYZE note;\nSELECT nonsense;\n",
    )
    with pytest.raises(MigrationError, match=r"^0002_index\.sql, line 5: "):
        await migrate(url, folder)
    write("0002_index", (folder / "0002_index.sql").read_text().replace("SELECT nonsense", "SELECT 1"))
    assert await migrate(url, folder) == ["0002_index"]
    assert await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = 'note_body'::regclass")


async def test_three_runners_at_once_apply_each_file_once(url, connection, write):
    write("0001_first", NOTE)
    write("0002_slow", "SELECT pg_sleep(0.2);\nINSERT INTO note VALUES (1, 'once');")
    folder = write("0003_index", "-- no-transaction\nCREATE INDEX CONCURRENTLY note_body ON note (body);")

    applied = await asyncio.gather(*(migrate(url, folder) for _ in range(3)))

    assert sorted(applied) == [[], [], ["0001_first", "0002_slow", "0003_index"]]
    assert await connection.fetchval("SELECT count(*) FROM note") == 1


async def test_waiting_for_another_runner_ends_with_a_sentence(url, connection, write, monkeypatch):
    monkeypatch.setattr(migrate_module, "_WAIT_SECONDS", 0)
    await connection.execute("SELECT pg_advisory_lock($1)", migrate_module._LOCK_KEY)
    with pytest.raises(MigrationError, match="Another process has been migrating this database for 0 seconds"):
        await migrate(url, write("0001_first", NOTE))


async def test_a_database_out_of_reach_is_a_sentence_without_the_password(write):
    with pytest.raises(MigrationError, match=r"^The database cannot be reached \(.+\)\. Is it up, and is") as refusal:
        await migrate("postgresql://forum:secret@127.0.0.1:1/forum", write("0001_first", NOTE))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("name", ["1_first", "0001-first", "0001_First", "first"])
def test_a_name_without_number_is_refused(write, name):
    folder = write(name, NOTE)
    with pytest.raises(MigrationError, match=rf"^{name}\.sql: call migrations 0001_what_they_do\.sql"):
        load(folder)


def test_two_files_with_one_number_are_refused(write):
    write("0001_first", NOTE)
    folder = write("0001_other", NOTE)
    with pytest.raises(MigrationError, match=r"0001_first\.sql and 0001_other\.sql have the same number"):
        load(folder)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "0001_first.sql").write_bytes(b"-- Gr\xfc\xdfe\n")
    with pytest.raises(MigrationError, match=r"^0001_first\.sql: byte 5 is not UTF-8"):
        load(tmp_path)


async def test_the_migrations_of_the_forum_build_a_database_from_nothing(url, connection):
    applied = await migrate(url)
    assert applied == sorted(path.stem for path in MIGRATIONS.glob("*.sql")) != []
    assert await pending(connection) == []


async def test_who_chose_the_order_of_their_digest_before_there_were_events_gets_these_last(url, connection, tmp_path):
    for path in [*sorted(MIGRATIONS.glob("00[0-2]*.sql")), MIGRATIONS / "0030_digests.sql"]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    await migrate(url, tmp_path)
    await connection.execute("INSERT INTO member (handle, name) VALUES ('ann', 'Ann'), ('bob', 'Bob')")
    wish = "INSERT INTO mail_wish (member_id, blocks) SELECT m.id, $1 FROM member m WHERE m.handle = $2"
    await connection.execute(wish, ["mentions", "followed"], "ann")
    await connection.execute(wish, [], "bob")

    (tmp_path / "0031_events.sql").write_bytes((MIGRATIONS / "0031_events.sql").read_bytes())
    await migrate(url, tmp_path)

    found = await connection.fetch("SELECT w.blocks FROM mail_wish w ORDER BY w.member_id")
    assert [row["blocks"] for row in found] == [["mentions", "followed", "events"], []]

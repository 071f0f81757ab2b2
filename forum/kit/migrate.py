"""Brings a database up to date from migrations/NNNN_what.sql: forward only, checksummed, one runner at a time.

A file runs in one transaction; one with the line `-- no-transaction` among its first comments runs statement by
statement, and must be harmless when run twice. Table: schema_migration.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import asyncpg

from forum.kit.site import MIGRATIONS

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOCK_KEY = 727274
_WAIT_SECONDS = 60

_TABLE = """
    CREATE TABLE IF NOT EXISTS schema_migration (
        version     integer PRIMARY KEY,
        name        text NOT NULL,
        checksum    text NOT NULL,
        applied_at  timestamptz NOT NULL DEFAULT now(),
        seconds     real NOT NULL
    )
    """

# Text in which a semicolon ends nothing, or the semicolon that ends a statement.
_TOKEN = re.compile(
    r"""
      --[^\n]*
    | /\*.*?\*/
    | [eE]'(?:\\.|[^'\\]|'')*'
    | '(?:[^']|'')*'
    | "[^"]*"
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_LEADING = re.compile(r"(?:\s|--[^\n]*|/\*.*?\*/)*", re.DOTALL)


class MigrationError(Exception):
    """A migration cannot run; the text says which file and line, and what is wrong."""


@dataclass(frozen=True)
class Migration:
    """One file of SQL."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def is_transactional(self) -> bool:
        comments = _LEADING.match(self.sql)
        return comments is None or "-- no-transaction" not in comments[0].splitlines()

    def statements(self) -> Iterator[tuple[int, str]]:
        """Each statement with the offset of its first character in the file."""
        start = 0
        ends = [token.end() for token in _TOKEN.finditer(self.sql) if token["end"]]
        for end in (*ends, len(self.sql)):
            leading = _LEADING.match(self.sql, start, end)
            first = leading.end() if leading else start
            if first < end:
                yield first, self.sql[first:end]
            start = end

    def line(self, offset: int) -> int:
        return self.sql.count("\n", 0, offset) + 1


async def migrate(url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing and return the names of it, oldest first. Raises MigrationError."""
    migrations = load(folder)
    connection = await _connect(url)
    try:
        await _take_turn(connection)
        await connection.execute(_TABLE)
        missing = _missing(migrations, await _applied(connection))
        for migration in missing:
            await _apply(connection, migration)
        return [migration.name for migration in missing]
    finally:
        await connection.close()  # this also gives the lock back


async def pending(connection: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Names of the migrations this database still lacks. Raises MigrationError when it does not fit this code."""
    return await lacking(connection, load(folder))


async def lacking(connection: Connection, migrations: list[Migration]) -> list[str]:
    """The names among `migrations` that have not run in this database. Raises MigrationError when they do not fit."""
    is_new = await connection.fetchval("SELECT to_regclass('schema_migration') IS NULL")
    applied = {} if is_new else await _applied(connection)
    return [migration.name for migration in _missing(migrations, applied)]


def load(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations of a folder by number. Raises MigrationError for a name or a number that will not do."""
    migrations = [_read(path) for path in sorted(folder.glob("*.sql"))]
    names: dict[int, str] = {}
    for migration in migrations:
        if other := names.get(migration.version):
            raise MigrationError(f"{other}.sql and {migration.name}.sql have the same number: renumber the newer one.")
        names[migration.version] = migration.name
    return migrations


def _read(path: Path) -> Migration:
    if not re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem):
        raise MigrationError(f"{path.name}: call migrations 0001_what_they_do.sql.")
    try:
        sql = path.read_text("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MigrationError(f"{path.name}: byte {error.start} is not UTF-8.") from None
    return Migration(int(path.stem[:4]), path.stem, sql)


async def _connect(url: str) -> Connection:
    try:
        return await asyncpg.connect(url)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise MigrationError(
            f"The database cannot be reached ({reason}). Is it up, and is DATABASE_URL right?"
        ) from error


async def _take_turn(connection: Connection) -> None:
    """Wait until nobody else migrates. Asking again holds no snapshot, so CREATE INDEX CONCURRENTLY is not held up."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK_KEY):
        if time.monotonic() > deadline:
            raise MigrationError(f"Another process has been migrating this database for {_WAIT_SECONDS} seconds.")
        await asyncio.sleep(0.1)


async def _applied(connection: Connection) -> dict[int, tuple[str, str]]:
    """Name and checksum of each version that has run."""
    rows = await connection.fetch("SELECT version, name, checksum FROM schema_migration")
    return {row["version"]: (row["name"], row["checksum"]) for row in rows}


def _missing(migrations: list[Migration], applied: dict[int, tuple[str, str]]) -> list[Migration]:
    known = {migration.version for migration in migrations}
    if newer := sorted(name for version, (name, _) in applied.items() if version not in known):
        raise MigrationError(
            f"The database is newer than this code: it has {', '.join(newer)}. Install the newer version again."
        )
    for migration in migrations:
        if migration.version in applied and applied[migration.version] != (migration.name, migration.checksum):
            raise MigrationError(
                f"{migration.name}.sql was changed after it ran in this database. "
                "Put it back as it was, and write the change as a new migration."
            )
    return [migration for migration in migrations if migration.version not in applied]


async def _apply(connection: Connection, migration: Migration) -> None:
    started = time.monotonic()
    if not migration.is_transactional:
        await _run(connection, migration)
        await _record(connection, migration, started)
        return
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '10s'")
            await _run(connection, migration)
            await _record(connection, migration, started)
    except asyncpg.PostgresError as error:  # COMMIT: a deferred constraint
        raise MigrationError(f"{migration.name}.sql: {error}.") from error


async def _run(connection: Connection, migration: Migration) -> None:
    for offset, statement in migration.statements():
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            position = int(getattr(error, "position", None) or 1) - 1
            raise MigrationError(f"{migration.name}.sql, line {migration.line(offset + position)}: {error}.") from error


async def _record(connection: Connection, migration: Migration, started: float) -> None:
    await connection.execute(
        """
        INSERT INTO schema_migration (version, name, checksum, seconds)
        VALUES ($1, $2, $3, $4)
        """,
        migration.version,
        migration.name,
        migration.checksum,
        time.monotonic() - started,
    )

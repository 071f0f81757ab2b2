"""Ways to ask PostgreSQL. SQL stays where it is used; rows become dataclasses.

`databases` owns the pool, the connection of the running task and nested transactions;
statements run on its asyncpg connection, which costs a fifth of its own query path.
Values are bound as `:name` and become $1, $2, … once a statement. Write CAST(:x AS type).
Of two that wait for each other PostgreSQL gives one up: that one raises Crossed, here alone, and is not tried again by
itself, as a command may have done more than its transaction. Jobs are tried again as ever.

Never start tasks inside a transaction: a connection belongs to the task that took it.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg
from databases import Database
from databases.core import Connection

from forum.kit import safe_transactions
from forum.kit.errors import Crossed, NotFound, Unavailable
from forum.kit.safe_transactions import DOWN, GIVEN_UP

__all__ = [
    "Database",
    "Row",
    "connect",
    "copy",
    "first",
    "held",
    "many",
    "one",
    "rows",
    "run",
    "run_long",
    "shaped",
    "value",
]

Shape = TypeVar("Shape")
Row = Mapping[str, Any]

NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


def connect(url: str, *, most: int = 10) -> Database:
    """A pool of up to `most` connections to `url`; use as `async with connect(url) as db`."""
    safe_transactions.install()
    return Database(url, init=_prepare, reset=_keep, min_size=1, max_size=most, command_timeout=30)


@asynccontextmanager
async def held(db: Database) -> AsyncIterator[Connection]:
    """One connection for everything this task asks inside. Raises Unavailable when there is none to be had."""
    connection = db.connection()
    try:
        await connection.__aenter__()
    except DOWN as error:
        raise Unavailable from error
    try:
        yield connection
    finally:
        await connection.__aexit__()


async def rows(db: Database, sql: str, **values: Any) -> Sequence[Row]:
    """All rows as mappings, also readable by position: for hot pages and wide reports."""
    statement, names = bind(sql)
    try:
        async with db.connection() as connection:
            found: Sequence[Row] = await connection.raw_connection.fetch(statement, *[values[name] for name in names])
            return found
    except DOWN as error:
        raise Unavailable from error
    except GIVEN_UP as error:
        raise Crossed from error


async def many(db: Database, shape: type[Shape], sql: str, **values: Any) -> list[Shape]:
    """All rows, each as a `shape`; its fields must be exactly the columns, for a named tuple in their order."""
    found = await rows(db, sql, **values)
    if found and issubclass(shape, tuple):
        if tuple(found[0].keys()) != shape._fields:  # type: ignore[attr-defined]
            raise TypeError(f"{shape.__name__} has its fields in another order than the columns")
        return [shape(*row) for row in found]
    return [shaped(shape, row) for row in found]


async def first(db: Database, shape: type[Shape], sql: str, **values: Any) -> Shape | None:
    """The first row as a `shape`, or None."""
    found = await rows(db, sql, **values)
    return shaped(shape, found[0]) if found else None


async def one(db: Database, shape: type[Shape], sql: str, **values: Any) -> Shape:
    """The first row as a `shape`. Raises NotFound when there is none."""
    found = await first(db, shape, sql, **values)
    if found is None:
        raise NotFound
    return found


async def value(db: Database, sql: str, **values: Any) -> Any:
    """The first column of the first row, or None."""
    found = await rows(db, sql, **values)
    return next(iter(found[0].values())) if found else None


def shaped(shape: type[Shape], row: Row) -> Shape:
    """Arrays become tuples, so that a frozen shape can be a key."""
    return shape(**{name: tuple(each) if type(each) is list else each for name, each in row.items()})


async def run(db: Database, sql: str, **values: Any) -> int:
    """A statement that returns nothing. Returns how many rows it touched."""
    statement, names = bind(sql)
    try:
        async with held(db) as connection:
            tag = await connection.raw_connection.execute(statement, *[values[name] for name in names])
    except DOWN as error:
        raise Unavailable from error
    except GIVEN_UP as error:
        raise Crossed from error
    count = tag.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


async def run_long(db: Database, sql: str) -> None:
    """A statement that may take up to an hour, as the building of an index."""
    async with held(db) as connection:
        await connection.raw_connection.execute(sql, timeout=3600)


async def plan_for_many(db: Database) -> None:
    """Within a transaction: plan each statement for the very values it is asked with, join by hash, and sort in memory.

    For statements with lists of thousands, whose common plan is one for ten and takes minutes.
    """
    await run(db, "SET LOCAL plan_cache_mode = force_custom_plan")
    await run(db, "SET LOCAL enable_nestloop = off")
    await run(db, "SET LOCAL work_mem = '64MB'")


async def copy(db: Database, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
    """Add many rows at once with COPY: for imports, about fifty times faster than INSERT."""
    async with held(db) as connection:
        await connection.raw_connection.copy_records_to_table(table, records=records, columns=columns)


@lru_cache(maxsize=1024)
def bind(sql: str) -> tuple[str, tuple[str, ...]]:
    """`sql` with $n for each `:name`, and the names in order: `bind("a = :x") == ("a = $1", ("x",))`."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return NAME.sub(number, sql), tuple(names)


async def _prepare(connection: asyncpg.Connection) -> None:
    """Once for each new connection: JSON as Python objects. Text passes through: the job library sends text."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=_to_json, decoder=json.loads, schema="pg_catalog")


def _to_json(data: Any) -> str:
    return data if isinstance(data, str) else json.dumps(data)


async def _keep(connection: asyncpg.Connection) -> None:
    """In place of RESET ALL, a round trip for each release; SET LOCAL and xact locks leave nothing to reset."""

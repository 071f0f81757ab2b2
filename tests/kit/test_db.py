"""Asking PostgreSQL: parameters, shapes, transactions, and what happens when it goes away."""

import asyncio
from dataclasses import dataclass

import asyncpg
import pytest

from forum.kit import db as kit
from forum.kit.db import bind, connect, copy, first, held, many, one, rows, run, value
from forum.kit.errors import Crossed, NotFound, Unavailable
from tests.outage import wire_to
from tests.waiting import waiting


@dataclass(frozen=True)
class Pair:
    a: int
    b: str


PAIRS = "SELECT a, b FROM (VALUES (1, 'one'), (2, 'two')) v (a, b) WHERE a >= :least ORDER BY a"
ADD = "INSERT INTO limit_count (key, starts_at, hits) VALUES (:key, now(), 1)"
KEYS = "SELECT coalesce(array_agg(key ORDER BY key), '{}') FROM limit_count"


@pytest.mark.parametrize(
    ("written", "sent", "names"),
    [
        ("a = :x", "a = $1", ("x",)),
        ("a = :x AND b = :y OR c = :x", "a = $1 AND b = $2 OR c = $1", ("x", "y")),
        ("CAST(:ids AS bigint[])", "CAST($1 AS bigint[])", ("ids",)),
        ("a::text", "a::text", ()),
        ("a[1:2]", "a[1:2]", ()),
        ("'08:15'", "'08:15'", ()),
        ("a:b", "a:b", ()),
        ("(:a,:b)", "($1,$2)", ("a", "b")),
        (":client_key2", "$1", ("client_key2",)),
    ],
)
def test_names_become_numbers(written, sent, names):
    assert bind(written) == (sent, names)


async def test_rows_come_in_the_shape_one_asks_for(db):
    assert await many(db, Pair, PAIRS, least=1) == [Pair(1, "one"), Pair(2, "two")]
    assert await many(db, Pair, PAIRS, least=3) == []
    assert await first(db, Pair, PAIRS, least=2) == Pair(2, "two")
    assert await first(db, Pair, PAIRS, least=3) is None
    assert await one(db, Pair, PAIRS, least=1) == Pair(1, "one")
    assert await value(db, PAIRS, least=2) == 2
    assert await value(db, PAIRS, least=3) is None
    assert [dict(row) for row in await rows(db, PAIRS, least=2)] == [{"a": 2, "b": "two"}]
    with pytest.raises(NotFound):
        await one(db, Pair, PAIRS, least=3)


async def test_run_counts_the_rows_it_touched(db):
    assert await run(db, ADD, key="a") == 1
    assert await run(db, "UPDATE limit_count SET hits = 2") == 1
    assert await run(db, "DELETE FROM limit_count WHERE key = 'b'") == 0
    assert await run(db, "SELECT 1") == 1
    assert await run(db, "SET LOCAL lock_timeout = 0") == 0


async def test_values_are_values_whatever_they_hold(db):
    hostile = "'; DROP TABLE post; -- $1 :name %s"

    assert await value(db, "SELECT CAST(:text AS text)", text=hostile) == hostile


async def test_json_goes_in_and_comes_out_as_python(db):
    data = {"a": [1, None, "é"]}

    assert await value(db, "SELECT CAST(:data AS jsonb)", data=data) == data
    assert await value(db, "SELECT CAST(:data AS jsonb)", data='{"a": 1}') == {"a": 1}


async def test_what_is_copied_is_there(db):
    await copy(db, "member_group", ["slug", "name"], [(f"g{n}", "G") for n in range(300)])

    assert await value(db, "SELECT count(*) FROM member_group") == 300


async def test_a_transaction_keeps_all_or_nothing(db):
    async def fail_after(*keys):
        async with db.transaction():
            for key in keys:
                await run(db, ADD, key=key)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after("a", "b")
    async with db.transaction():
        await run(db, ADD, key="kept")
        with pytest.raises(RuntimeError):
            await fail_after("inside")

    assert await value(db, KEYS) == ["kept"]


async def test_a_statement_that_fails_inside_a_transaction_fails_all_of_it(db):
    async def add_twice():
        async with db.transaction():
            await run(db, ADD, key="a")
            await run(db, "INSERT INTO limit_count (key, starts_at, hits) SELECT key, starts_at, 1 FROM limit_count")

    with pytest.raises(asyncpg.UniqueViolationError):
        await add_twice()

    assert await value(db, KEYS) == []


async def test_tasks_have_transactions_of_their_own(db):
    started, seen = asyncio.Event(), asyncio.Event()

    async def add():
        async with db.transaction():
            await run(db, ADD, key="a")
            started.set()
            await seen.wait()

    async def look():
        await started.wait()
        keys = await value(db, KEYS)
        seen.set()
        return keys

    _, keys = await asyncio.gather(add(), look())

    assert (keys, await value(db, KEYS)) == ([], ["a"])


async def test_one_connection_is_held_for_all_a_task_asks(db):
    async with held(db):
        backends = {await value(db, "SELECT pg_backend_pid()") for _ in range(5)}

    assert len(backends) == 1


async def test_neither_failing_commits_nor_cancelled_tasks_use_up_connections(database_url):
    async with connect(database_url, most=2) as small:

        async def fail_at_commit():
            async with small.transaction():
                await run(small, "CREATE TEMP TABLE x (a int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
                await run(small, "INSERT INTO x VALUES (1), (1)")

        async def sleep_inside():
            async with small.transaction():
                await run(small, "SELECT pg_sleep(60)")

        for _ in range(5):
            with pytest.raises(asyncpg.UniqueViolationError):
                await fail_at_commit()
        for turns in range(12):
            task = asyncio.create_task(sleep_inside())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        answers = await asyncio.wait_for(asyncio.gather(*(value(small, "SELECT 1") for _ in range(10))), 60)
        assert answers == [1] * 10


@pytest.fixture
async def wire(database_url, tmp_path_factory):
    async with wire_to(database_url, tmp_path_factory.mktemp("w")) as wire:
        yield wire


async def test_without_a_database_every_way_of_asking_says_so(wire):
    async with connect(wire.url) as db:
        await wire.cut()

        for asking in (
            lambda: value(db, "SELECT 1"),
            lambda: run(db, ADD, key="a"),
            lambda: copy(db, "limit_count", ["key"], []),
            lambda: _inside(db),
        ):
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await asking()

        await wire.mend()
        assert await value(db, "SELECT 1") == 1
        assert await _inside(db) == 1


async def _inside(db) -> int:
    async with kit.held(db), db.transaction():
        return await value(db, "SELECT 1")


async def test_a_database_that_goes_in_the_middle_of_a_transaction_says_so_and_the_next_one_works(wire):
    async with connect(wire.url) as db:

        async def lose_it(then):
            async with db.transaction():
                await run(db, ADD, key="lost")
                await wire.cut()
                await then()

        async def ask_more():
            await run(db, ADD, key="never")

        async def only_wait():
            for _ in range(5):
                await asyncio.sleep(0)  # until the driver has noticed

        async def commit_at_once():
            pass

        for then in (ask_more, only_wait, commit_at_once):
            with pytest.raises(Unavailable):
                await lose_it(then)
            await wire.mend()
            assert await value(db, KEYS) == []


async def test_a_connection_ended_by_the_server_says_so_and_the_next_one_works(db, database_url):
    async with connect(database_url, most=1) as victim:
        backend = await value(victim, "SELECT pg_backend_pid()")

        async def wait_for_the_end():
            await value(victim, "SELECT pg_sleep(60)")

        waiting = asyncio.create_task(wait_for_the_end())
        while not await value(
            db, "SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND state = 'active'", pid=backend
        ):
            await asyncio.sleep(0)
        await value(db, "SELECT pg_terminate_backend(:pid)", pid=backend)

        with pytest.raises(Unavailable):
            await waiting
        assert await value(victim, "SELECT 1") == 1


# Who waits for whom


PATIENT = "SET LOCAL deadlock_timeout = '1 min'"  # the other one notices first
HOLD_ONE = "SELECT pg_advisory_xact_lock(:n)"


@pytest.mark.parametrize("ask", [run, rows])
async def test_of_two_that_wait_for_each_other_one_is_told_so_and_the_other_goes_on(db, ask):
    async def cross():
        async with db.transaction():
            await run(db, ADD, key="crossed")
            await run(db, HOLD_ONE, n=1)
            await ask(db, HOLD_ONE, n=2)

    async with db.transaction():
        await run(db, PATIENT)
        await run(db, HOLD_ONE, n=2)
        crossing = asyncio.create_task(cross())
        await asyncio.create_task(waiting(db, 1))
        await run(db, HOLD_ONE, n=1)
        await run(db, ADD, key="gone on")

    with pytest.raises(Crossed):
        await crossing
    assert await value(db, KEYS) == ["gone on"]


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_commit_that_is_given_up_for_another_says_so_too(db, state):
    await run(
        db,
        f"""
        CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'Given up.' USING ERRCODE = '{state}'; END $$
        """,
    )
    given_up = "CREATE CONSTRAINT TRIGGER given_up AFTER INSERT ON limit_count DEFERRABLE INITIALLY DEFERRED"
    await run(db, f"{given_up} FOR EACH ROW EXECUTE FUNCTION give_up()")
    try:
        with pytest.raises(Crossed):
            await _add_inside(db)
    finally:
        await run(db, "DROP FUNCTION give_up() CASCADE")
    assert await value(db, KEYS) == []
    await _add_inside(db)
    assert await value(db, KEYS) == ["a"]


async def _add_inside(db) -> None:
    async with db.transaction():
        await run(db, ADD, key="a")

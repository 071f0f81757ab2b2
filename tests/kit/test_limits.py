"""How often something may be done in a window of time."""

import asyncio

import pytest

from forum.kit import limits
from forum.kit.db import run, value
from forum.kit.errors import TooMany

AGE_S = 10**9  # a window that no test outlasts


async def tried(db, key, most=3) -> bool:
    """Whether one more was let through."""
    try:
        await limits.count(db, key, most=most, seconds=AGE_S)
    except TooMany:
        return False
    return True


async def test_so_many_and_no_more(db):
    assert [await tried(db, "a") for _ in range(5)] == [True, True, True, False, False]


async def test_each_key_has_its_own_count(db):
    assert [await tried(db, key, most=1) for key in ("a", "b", "a", "A")] == [True, True, False, True]


async def test_the_limit_holds_at_the_same_moment(db):
    tries = await asyncio.gather(*(tried(db, "a") for _ in range(20)))

    assert tries.count(True) == 3


async def test_a_refusal_says_when_to_come_back(db):
    await tried(db, "a", most=1)

    with pytest.raises(TooMany) as refusal:
        await limits.count(db, "a", most=1, seconds=AGE_S)

    assert 0 < refusal.value.seconds <= AGE_S


async def test_a_new_window_begins_at_nothing(db):
    for _ in range(3):
        await tried(db, "a")
    await run(db, "UPDATE limit_count SET starts_at = starts_at - interval '1 second'")

    assert await tried(db, "a")


async def test_a_count_is_kept_when_what_was_counted_rolled_back(db):
    """The limit is counted outside the command's transaction, so failing does not buy more tries."""
    assert [await tried(db, "a", most=1) for _ in range(2)] == [True, False]
    assert await value(db, "SELECT hits FROM limit_count") == 2


async def test_old_counts_are_forgotten_and_new_ones_kept(db):
    await limits.count(db, "old", most=1, seconds=60)
    await run(db, "UPDATE limit_count SET starts_at = now() - interval '2 days'")
    await limits.count(db, "new", most=1, seconds=60)

    await limits.forget_old(db)

    assert await value(db, "SELECT array_agg(key) FROM limit_count") == ["new"]

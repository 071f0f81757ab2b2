"""Gives every author of an archive a member. Tables: mail_author."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from forum.kit.db import Database, Row, rows, run
from forum.mail.archive.people import UNKNOWN, lasting_key
from forum.mail.archive.store import Target
from forum.members.unclaimed import Stranger, add_unclaimed

BATCH = 1000

WAITING_AUTHORS = """
    SELECT m.author_key, m.author_address, m.author_name
    FROM mail_message m
    WHERE m.category_id = :category_id AND NOT m.is_placed
    GROUP BY m.author_key, m.author_address, m.author_name
    ORDER BY max(m.sent_at) DESC, m.author_key, m.author_name
"""


class Authors:
    """Members by the author columns of a mail; several spellings of a name share the member of their address."""

    def __init__(self, category_id: int, lists: frozenset[str], members: Mapping[str, int]) -> None:
        self._category_id = category_id
        self._lists = lists
        self._members = members

    def member_id(self, row: Row) -> int:
        """The member who wrote a mail."""
        return self._members[stored_key(row, self._category_id, self._lists)]


async def authors(db: Database, target: Target) -> Authors:
    """The members of all mails that wait to be placed; strangers become unclaimed members, named as last written."""
    lists = frozenset(
        row["address"]
        for row in await rows(
            db,
            "SELECT l.address FROM mail_list_address l WHERE l.category_id = :category_id",
            category_id=target.category_id,
        )
    )
    people: dict[str, Stranger] = {}
    for row in await rows(db, WAITING_AUTHORS, category_id=target.category_id):
        key = stored_key(row, target.category_id, lists)
        people.setdefault(key, _stranger(key, row, lists))
    members: dict[str, int] = {}
    for batch in _batches(list(people.values())):
        members |= await _members(db, batch)
    return Authors(target.category_id, lists, members)


def stored_key(row: Row, category_id: int, lists: frozenset[str]) -> str:
    """The author's key in mail_author: a name alone means somebody only within its list."""
    key = lasting_key(row["author_key"], row["author_name"], row["author_address"], lists)
    kind, _, rest = key.partition(":")
    return f"name:{category_id}:{rest}" if kind == "name" else key


def _stranger(key: str, row: Row, lists: frozenset[str]) -> Stranger:
    if row["author_address"] not in lists:
        return Stranger(key, row["author_name"], row["author_address"])
    is_nameless = row["author_name"] == row["author_address"].partition("@")[0]
    return Stranger(key, UNKNOWN if is_nameless else row["author_name"], "")


async def _members(db: Database, people: Sequence[Stranger]) -> dict[str, int]:
    async with db.transaction():
        found = await rows(
            db,
            "SELECT a.key, a.member_id FROM mail_author a WHERE a.key = ANY(CAST(:keys AS text[]))",
            keys=[each.key for each in people],
        )
        members = {row["key"]: row["member_id"] for row in found}
        added = await add_unclaimed(db, [each for each in people if each.key not in members])
        await run(
            db,
            """
            INSERT INTO mail_author (key, member_id)
            SELECT n.key, n.member_id
            FROM unnest(CAST(:keys AS text[]), CAST(:member_ids AS bigint[])) n (key, member_id)
            ON CONFLICT (key) DO NOTHING
            """,
            keys=list(added),
            member_ids=list(added.values()),
        )
    return members | added


def _batches(people: list[Stranger]) -> Iterator[list[Stranger]]:
    left = iter(people)
    while batch := list(islice(left, BATCH)):
        yield batch

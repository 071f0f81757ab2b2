"""Attacks in every text column of the walkers' world, and in the fields of any form."""

import random
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from asyncpg import PostgresError

from forum.kit.db import Database, rows, run
from forum.kit.markdown import render
from tests.hostile import attacks
from tests.walker import canaries

ROOM = (1500, 390, 190, 110, 70, 30)  # characters; the first that a column takes
REFUSED = ("23505", "23514", "22001")  # by what is unique, by a CHECK, by a length
SURE = '"><img src=x onerror=alert(1)>'


class Deck:
    """All attacks in turn, in an order of its own for each use, as many at once as fit; `dealt` is what was used."""

    def __init__(self, seed: int) -> None:
        self.strings = [text for text in dict.fromkeys(attacks()) if text.strip()]
        random.Random(seed).shuffle(self.strings)
        self._next, self.dealt = cycle(self.strings), set[str]()
        self._held = next(self._next)

    def deal(self, most: int) -> str:
        """At most `most` characters of attacks, at least one; long ones wait for a place that has room."""
        hand: list[str] = []
        for _ in range(len(self.strings)):
            if sum(len(text) + 2 for text in (*hand, self._held)) > most:
                if hand:
                    break
            else:
                hand.append(self._held)
            self._held = next(self._next)
        self.dealt |= set(hand)
        return "\n\n".join(hand) or SURE

    def all_dealt(self) -> bool:
        return self.dealt == set(self.strings)


async def plant_attacks(db: Database, deck: Deck) -> dict[str, int]:
    """Fill every text column of every row that lets it. Returns for each column how many characters fitted, or 0."""
    room: dict[str, int] = {}
    for table, column in await canaries.text_columns(db):
        for row in await rows(db, f"SELECT * FROM {table}"):
            known = room.get(f"{table}.{column}", -1)
            sizes = ROOM if known < 0 else (known,) if known else ()
            room[f"{table}.{column}"] = await _plant(db, (table, column), row, deck, sizes) or max(known, 0)
    for row in await rows(db, "SELECT member_id, key FROM draft"):
        fields = {"body": deck.deal(900), "title": deck.deal(190), "topics": deck.deal(60)}
        await run(db, "UPDATE draft SET fields = :fields WHERE member_id = :member_id AND key = :key",
                  fields=fields, **dict(row))  # fmt: skip
    return room


async def _plant(
    db: Database, place: tuple[str, str], row: Mapping[str, Any], deck: Deck, sizes: tuple[int, ...]
) -> int:
    """Put attacks into one column of one row. Returns how many characters it took, 0 when it took none."""
    table, column = place
    key = canaries.identity(row)
    same = " AND ".join(f"{name} IS NOT DISTINCT FROM :old_{name}" for name in key)
    old = {f"old_{name}": row[name] for name in key}
    for most in sizes:
        text = deck.deal(most)
        for words in (render(text).html,) if column == "html" else (text, " ".join(text.split())):
            if await _fits(db, f"UPDATE {table} SET {column} = :words WHERE {same}", words=words, **old):
                return most
    return 0


async def _fits(db: Database, sql: str, **values: object) -> bool:
    try:
        async with db.transaction():
            assert await run(db, sql, **values) == 1, sql
    except PostgresError as refusal:
        if refusal.sqlstate not in REFUSED:
            raise
        return False
    return True


def filled(fields: tuple[str, ...], deck: Deck) -> Iterator[dict[str, str]]:
    """A form with attacks in all its fields: one short enough to be taken, one that is refused and shown again."""
    for most in (75, 900):
        yield {name: deck.deal(most) for name in fields}

"""Which products a text names: by whatever they are or were called."""

from collections.abc import Iterable
from time import monotonic

from forum.kit.db import Database, rows
from forum.search.words import words_of

KEPT_SECONDS = 60


class Names:
    """The names of products, by their first words."""

    def __init__(self, names: Iterable[tuple[str, int]]) -> None:
        self._by_first: dict[str, list[tuple[list[str], int]]] = {}
        for name, product_id in names:
            words = words_of(name)
            if words:
                self._by_first.setdefault(words[0], []).append((words, product_id))

    def named_in(self, text: str) -> set[int]:
        """Ids of the products whose names stand in `text`, whatever its capitals and signs."""
        if not self._by_first:
            return set()
        words = words_of(text)
        return {
            product_id
            for place, word in enumerate(words)
            for name, product_id in self._by_first.get(word, ())
            if words[place : place + len(name)] == name
        }


_kept: list[tuple[float, Names]] = []


async def product_names(db: Database) -> Names:
    """All names there are, as they were within the last minute."""
    if not (_kept and monotonic() - _kept[0][0] < KEPT_SECONDS):
        found = await rows(db, "SELECT pn.name, pn.product_id FROM product_name pn ORDER BY pn.compared")
        _kept[:] = [(monotonic(), Names((row["name"], row["product_id"]) for row in found))]
    return _kept[0][1]


def forget_kept() -> None:
    """Ask anew from here on."""
    _kept.clear()

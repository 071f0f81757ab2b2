"""Which products a text names: by whatever they are or were called."""

from collections.abc import Iterable

from forum.kit.db import Database, rows, value
from forum.kit.recent import Recent
from forum.search.words import words_of

KEPT_SECONDS = 3600


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
        if self._by_first.keys().isdisjoint(words):  # as for most texts
            return set()
        return {
            product_id
            for place, word in enumerate(words)
            for name, product_id in self._by_first.get(word, ())
            if words[place : place + len(name)] == name
        }


# As there are thousands, they are taken apart once and not with every post.
_names: Recent[str, Names] = Recent(KEPT_SECONDS, most=4)
STATE_SQL = (
    "SELECT coalesce(md5(string_agg(pn.compared || pn.product_id, ',' ORDER BY pn.compared)), '') FROM product_name pn"
)


async def product_names(db: Database) -> Names:
    """All names there are now."""
    state: str = await value(db, STATE_SQL)
    kept = _names.get(db, state)
    if kept is None:
        found = await rows(db, "SELECT pn.name, pn.product_id FROM product_name pn ORDER BY pn.compared")
        kept = _names.keep(db, state, Names((row["name"], row["product_id"]) for row in found))
    return kept

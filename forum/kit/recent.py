"""What was asked of a database lately, kept in this process for some seconds, as it changes seldom."""

from time import monotonic
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from forum.kit.db import Database

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Recent(Generic[Key, Kept]):
    """Up to `most` things for each database, by a key; after `seconds` they are not there any more."""

    def __init__(self, seconds: float, *, most: int = 4096) -> None:
        self._seconds, self._most = seconds, most
        self._by_database: WeakKeyDictionary[Database, dict[Key, tuple[float, Kept]]] = WeakKeyDictionary()

    def get(self, db: Database, key: Key) -> Kept | None:
        """What is kept, None when nothing is."""
        kept_at, kept = self._by_database.get(db, {}).get(key, (0.0, None))
        return kept if kept_at and monotonic() - kept_at < self._seconds else None

    def keep(self, db: Database, key: Key, kept: Kept) -> Kept:
        """Keep it from now on; returns it."""
        of_database = self._by_database.setdefault(db, {})
        if len(of_database) >= self._most:
            of_database.clear()
        of_database[key] = (monotonic(), kept)
        return kept

    def forget(self, db: Database) -> None:
        """Nothing is kept for that database any more."""
        self._by_database.pop(db, None)

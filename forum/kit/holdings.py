"""What a room holds of one member: each room says how it is exported, handed over and forgotten; wiring lists them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from forum.kit.db import Database

Who = TypeVar("Who")
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Holding(Generic[Who]):
    """The three things every room must be able to do with what is a member's.

    export: rows by the name of their list, only what that member may see now.
    hand_over(db, from_id, into_id): all of it is another member's then; called in a transaction.
    forget(db, member_id, removes): without `removes` others may still read it, under no name; called in a transaction.
    """

    room: str
    export: Callable[[Database, Who], Awaitable[Mapping[str, Rows]]]
    hand_over: Callable[[Database, int, int], Awaitable[None]]
    forget: Callable[[Database, int, bool], Awaitable[None]]

"""Shapes of the page that says why somebody hears of a post, or does not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from forum.following.types import Level
from forum.kit.db import Database
from forum.members.types import Actor

# What mail was made of a post for a member, in sentences: (db, actor, post_id).
MailMade = Callable[[Database, Actor, int], Awaitable[Sequence[str]]]


class Rule(NamedTuple):
    """One thing that may have them hear of it. standing: "counts", "aside" (it fits, but something else decides)
    or "no". path: where it can be changed, "" for nowhere.
    """

    sentence: str
    standing: str
    path: str = ""


@dataclass(frozen=True)
class Subject:
    """What a post belongs to that can be followed, and how its reader follows it; "none" for not at all."""

    kind: str
    target_id: int
    level: str
    every_days: int

    @property
    def words(self) -> str:
        level = Level(self.level, self.every_days).words
        return level[0].lower() + level[1:]

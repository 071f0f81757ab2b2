"""Shapes of the page that says why somebody hears of a post, or does not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from forum.following.causes import BY_ITSELF, briefly, why_followed
from forum.following.types import Level
from forum.kit.db import Database
from forum.members.types import Actor

# What mail was made of a post for a member, in sentences: (db, actor, post_id, the site's time zone).
MailMade = Callable[[Database, Actor, int, str], Awaitable[Sequence[str]]]


class Rule(NamedTuple):
    """One thing that may have them hear of it. standing: "counts", "aside" (it fits, but something else decides)
    or "no". path: where it can be changed, "" for nowhere.
    """

    sentence: str
    standing: str
    path: str = ""


@dataclass(frozen=True)
class Subject:
    """What a post belongs to that can be followed, and how its reader follows it; "none" for not at all.

    since: the reason in its row, "" for none. thread_kind: of the post's thread.
    """

    kind: str
    target_id: int
    level: str
    every_days: int
    since: str
    thread_kind: str

    @property
    def words(self) -> str:
        level = Level(self.level, self.every_days).words
        return level[0].lower() + level[1:]

    @property
    def cause(self) -> str:
        """ " because you asked it", of a thread that is followed by itself."""
        is_by_itself = self.kind == "thread" and self.since in BY_ITSELF
        return f" because {briefly(why_followed(self.since, self.thread_kind))}" if is_by_itself else ""

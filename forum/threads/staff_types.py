"""Shapes of what staff do to threads: where one leads to, what is split off, why something is hidden."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from forum.kit.errors import Invalid
from forum.threads.types import title_problems

THREAD_ADDRESS = re.compile(r"(?:(?:https?://[^/\s]{1,253})?/t/)?([0-9]{1,18})(?:[/?#]\S{0,500})?")
REASONS = (
    "It does not belong here.",
    "It could tell who a student is.",
    "It is advertising.",
    "It is unkind.",
    "It was posted twice.",
)


def thread_number(text: str) -> int:
    """The id in the address of a thread as people paste it, or typed alone; 0 when there is none."""
    found = THREAD_ADDRESS.fullmatch(text.strip())
    return int(found[1]) if found else 0


class Spot(NamedTuple):
    """A thread that another one leads to."""

    id: int
    slug: str
    title: str

    @property
    def path(self) -> str:
        return f"/t/{self.id}/{self.slug}"


@dataclass(frozen=True)
class SplitDraft:
    """Replies that shall be a thread of their own, its title and category."""

    post_ids: tuple[int, ...]
    title: str
    category: str

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = title_problems(self.title)
        if not self.category:
            problems["category"] = "Choose where the new thread goes."
        if not self.post_ids:
            problems["post_ids"] = "Choose the replies that go."
        if problems:
            raise Invalid(**problems)

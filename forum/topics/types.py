"""Shapes of the topics room."""

import re
from dataclasses import dataclass

from forum.kit.errors import Invalid

MOST_TOPICS = 5
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Topic:
    """A topic with the number of threads its reader may see."""

    slug: str
    thread_count: int

    @property
    def path(self) -> str:
        return f"/topics/{self.slug}"


def slugs(text: str) -> tuple[str, ...]:
    """The topics in what somebody typed: "E-rate, #Renewals" → ("e-rate", "renewals"). Raises Invalid for `topics`."""
    words = (word.lstrip("#").lower() for word in SEPARATORS.split(text))
    found = tuple(dict.fromkeys(word for word in words if word))
    if len(found) > MOST_TOPICS:
        raise Invalid(topics=f"At most {MOST_TOPICS} topics; these are {len(found)}.")
    for word in found:
        if not SLUG.fullmatch(word):
            raise Invalid(topics=f"“{word[:40]}” will not do: letters, digits and hyphens, 2 to 39 of them.")
    return found

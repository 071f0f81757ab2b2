"""Shapes of the directory."""

from collections.abc import Mapping
from dataclasses import dataclass

from forum.districts.types import SIZE_BANDS
from forum.kit.text import with_query
from forum.members.staff_types import like
from forum.members.types import ROLE_NAMES, Person

MAX_WORDS = 120
ROLE_CHOICES = [("", "Any"), *ROLE_NAMES.items()]
SIZE_CHOICES = [("", "Any"), *((band.slug, band.name) for band in SIZE_BANDS)]
NAMES = ("q", "district", "size", "role", "topic")


@dataclass(frozen=True)
class Sought:
    """Whom a reader looks for; what is empty asks for nothing."""

    q: str = ""
    district: str = ""
    size: str = ""
    role: str = ""
    topic: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Sought":
        return cls(**{name: query.get(name, "").strip()[:MAX_WORDS] for name in NAMES})

    @property
    def is_open(self) -> bool:
        """Whether it asks for nothing."""
        return self == Sought()

    @property
    def name_pattern(self) -> str:
        return like(self.q.removeprefix("@"))

    @property
    def district_pattern(self) -> str:
        return like(self.district)

    @property
    def students(self) -> tuple[int, int]:
        """From how many students, and under how many; an unknown size fits nobody."""
        return next(((band.least, band.most) for band in SIZE_BANDS if band.slug == self.size), (0, 0))

    def path(self, after: str = "") -> str:
        """Where this is shown, from behind the handle `after`."""
        values = {name: getattr(self, name) for name in NAMES} | {"after": after}
        return with_query("/people", values)


@dataclass(frozen=True)
class Found(Person):
    """A member in the directory; `topics` are those they answer in, parted by spaces."""

    topics: str | None = None

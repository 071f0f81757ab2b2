"""Shapes of digests: what was chosen for one reader, block by block, and how each is said."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from forum.kit.zones import zone_of
from forum.mail.digests.calendar import day_at

MOST_ITEMS = 25
FEW = 4  # of each block that stands further down, so that much of one leaves room for the others
MOST_HELP = 5  # unanswered questions: a favour that is asked, not the news
HEADINGS = {
    "renewals": "Your renewals",
    "reviews": "New reviews",
    "followed": "What you follow",
    "mentions": "You were mentioned",
    "unanswered": "Questions you could answer",
    "events": "Upcoming events",
}


class Chosen(NamedTuple):
    """A post for one digest. posts: how many of its thread are new, from this one on. about: a product's name, or "".

    reason, target_id: the kind and id of what they follow, as in following.types; "" where it is none. of_all: how many
    threads there were to choose from.
    """

    mail_id: int
    post_id: int
    thread_id: int
    posts: int
    reason: str
    target_id: int
    about: str
    of_all: int


class Deadline(NamedTuple):
    """A contract whose notice is due. left: days until then, from the day of the digest; 0 is that very day."""

    mail_id: int
    product_name: str
    notice_on: date
    ends_on: date
    left: int


class Coming(NamedTuple):
    """An event that comes near, or that its guests hear of. starts_on: where it is. of_all: how many of them there were
    to choose from.

    is_changed: somebody who comes is to hear that it is not as it was when they said so.
    """

    mail_id: int
    post_id: int
    thread_id: int
    slug: str
    number: int
    title: str
    starts_at: datetime
    ends_at: datetime
    starts_on: date
    time_zone: str
    place: str
    is_cancelled: bool
    is_changed: bool
    of_all: int


class Told(NamedTuple):
    """A post as digests tell of it, the same for all who may read it. excerpt: its first words, plain.

    title, category_name, author_name: as they stand in mails. answer: the accepted answer's first words with who gave
    it, "" where there is none. excerpt_lines, answer_lines: the same in columns.
    """

    post_id: int
    path: str
    title: str
    category_name: str
    author_name: str
    excerpt: str
    answer: str
    excerpt_lines: str
    answer_lines: str


class DigestReader(NamedTuple):
    """Whom one digest is for. blocks: in their order.

    day: of the digest, where they are; news_after: the last one before whose news they have. zone_name: of their time
    zone, which the site's stands in for where there is none of that name. is_wanted: whether they still want any mail.
    """

    mail_id: int
    member_id: int
    blocks: tuple[str, ...]
    day: date
    news_after: date
    now: datetime
    zone_name: str
    site_zone: str
    is_quiet: bool
    is_wanted: bool

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.zone_name, self.site_zone)

    @property
    def today(self) -> date:
        """The day on which it is read: one that waited for the relay comes later than on its own."""
        return day_at(self.now, self.zone)


class Item(NamedTuple):
    """One thing in a digest. lead: what is said of it in one line. reply_to: where an answer to it goes, "" nowhere.

    why: a sentence, "" where nothing needs to be said. stop_words, stop_url: the one-click link that stops what it came
    by, "" for none. is_stop_new: whether no thing above has the same, as plain text shows each link once.
    """

    title: str
    url: str
    lead: str
    excerpt: str = ""
    answer: str = ""
    excerpt_lines: str = ""
    answer_lines: str = ""
    reply_to: str = ""
    why: str = ""
    stop_words: str = ""
    stop_url: str = ""
    is_stop_new: bool = False


@dataclass(frozen=True)
class Block:
    """The items of one kind, under their heading. left_out: how many more there were."""

    name: str
    heading: str
    items: tuple[Item, ...]
    left_out: int = 0


@dataclass(frozen=True)
class DigestPage:
    """A digest. counted: what is in it, without a word of anybody's: "2 reviews, 5 threads"."""

    day_words: str
    counted: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class LetterBlock:
    """The same block in a mail: its things in words of both bodies. text: in columns."""

    heading: str
    text: str
    html: Markup
    left_out: int


@dataclass(frozen=True)
class LetterPage:
    """The same digest in a mail."""

    day_words: str
    counted: str
    blocks: tuple[LetterBlock, ...]


@dataclass(frozen=True)
class CardPage:
    """One thing in a mail, without what it came by."""

    item: Item


@dataclass(frozen=True)
class ReasonPage:
    """What a thing came by, as in Item; stop_words: "" where no link is shown."""

    why: str
    stop_words: str
    stop_url: str

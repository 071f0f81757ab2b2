"""Shapes of the mail room: a mail whose turn has come, what its renderer makes of it, and what all mails share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

from forum.kit.dkim import Signer
from forum.kit.tools import Tools

FOLDED = "Folded into the digest: there were many that day."
OVERTAKEN = "A newer digest took its place."
LATE = "It could not be sent within four days."
KNOWN = "It is as the member knew it already."
SUPPRESSED = "This address gets no more email."
NO_ADDRESS_OF_YOURS = "You have no email address here. Add one in your settings first."
NO_ADDRESS = "The member has no email address."


class Claimed(NamedTuple):
    """A mail that one worker has for a minute. post_id, reason: of an instant mail; since, until: of a digest.

    since: also of a mail of a mention that came into the post later, when that was.

    message_id: without angle brackets, the same at every try. attempts: which try this is, from 1. domain: the
    receiving one, "" before the first try.
    """

    id: int
    member_id: int
    kind: str
    post_id: int | None
    reason: str
    since: datetime | None
    until: datetime | None
    message_id: str
    attempts: int
    domain: str


@dataclass(frozen=True)
class Ready:
    """The whole mail as it is sent, and whom it goes to: one canonical address."""

    message: bytes
    recipient: str


@dataclass(frozen=True)
class Unwanted:
    """Nothing is to be sent, by rights and wishes of now. outcome: a sentence for administrators, without titles."""

    outcome: str


Rendered: TypeAlias = Mapping[int, Ready | Unwanted]
# Given many mails of its kind at once, it says what each has become, by its id, in a few queries for all of them.
Renderer: TypeAlias = Callable[[Tools, Sequence[Claimed]], Awaitable[Rendered]]


@dataclass(frozen=True)
class House:
    """What is the same in all mails of a site. domain: of reply addresses and Message-IDs; url: without a slash.

    secret: what addresses and links are proved with. takes_replies: whether answers by mail arrive anywhere; where not,
    nobody is asked for one.
    """

    name: str
    sender: str
    domain: str
    url: str
    secret: bytes = field(repr=False)
    signers: tuple[Signer, ...] = ()
    takes_replies: bool = True


@dataclass(frozen=True)
class Letter:
    """What is the same in one mail for all who get it. text, html: of wording.rendered.

    kind: as in the table mail. subject: without the site's name and without Re:. message_id: without angle brackets.
    author: whose words these are, "" for the site itself. parents: Message-IDs of what it answers, the first one first;
    whoever has none begins a conversation. list_slug, list_name: its category. page_path: where it stands on the site.
    """

    kind: str
    subject: str
    text: str
    html: str
    message_id: str
    author: str = ""
    parents: tuple[str, ...] = ()
    list_slug: str = ""
    list_name: str = ""
    page_path: str = ""


@dataclass(frozen=True)
class Reader:
    """Whom one copy is for. why: a sentence that says why they get it, "because you follow #renewals" in it.

    stop_words, stop_kind, stop_id: what the link "stop this" says and stops, as in addresses.Click.
    answers_to: the post that an answer to this copy answers, 0 for none.
    """

    member_id: int
    address: str
    why: str
    stop_words: str
    stop_kind: str
    stop_id: int = 0
    answers_to: int = 0

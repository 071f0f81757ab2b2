"""Shapes of the mail room: a mail whose turn has come, what its renderer makes of it, and what all mails share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from forum.kit.tools import Tools

FOLDED = "Folded into the digest: there were many that day."
OVERTAKEN = "A newer digest took its place."
SUPPRESSED = "Nothing is mailed to this address any more."
NO_ADDRESS = "The member has no address that mail can go to."


class Claimed(NamedTuple):
    """A mail that one worker has for a minute. post_id, reason: of an instant mail; since, until: of a digest.

    message_id: without angle brackets, the same at every try. attempts: which try this is, from 1.
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

"""The test mail that administrators send themselves: built, signed and handed over as every other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from forum.kit import limits
from forum.kit.db import Database
from forum.kit.tokens import new_token
from forum.kit.tools import Tools
from forum.mail.composing import Draft, house
from forum.mail.queries import Recipient, recipients
from forum.mail.types import NO_ADDRESS, Claimed, House, Letter, Reader, Ready, Rendered, Unwanted
from forum.mail.wording import rendered
from forum.members.types import Actor

TESTS_AN_HOUR = 10


@dataclass(frozen=True)
class TestPage:
    """Who asked for it."""

    name: str


async def count_test(db: Database, actor: Actor) -> None:
    """One more of `actor`, by the queue or not. Raises TooMany."""
    await limits.count(db, f"mail test {actor.id}", most=TESTS_AN_HOUR, seconds=3600)


async def test_mail(tools: Tools, recipient: Recipient) -> bytes:
    """The whole mail, for whoever hands it over at once."""
    return _made(await house(tools), recipient, new_token())


async def render(tools: Tools, claimed: Sequence[Claimed]) -> Rendered:
    """The same by way of the queue: for those who want to know whether all of it works."""
    home = await house(tools)
    people = await recipients(tools.db, [mail.member_id for mail in claimed])
    made: dict[int, Ready | Unwanted] = {}
    for mail in claimed:
        person = people.get(mail.member_id)
        made[mail.id] = Ready(_made(home, person, str(mail.id)), person.address) if person else Unwanted(NO_ADDRESS)
    return made


def _made(home: House, person: Recipient, mark: str) -> bytes:
    words = rendered(home, "test", TestPage(person.name))
    letter = Letter("test", "Test email", words.text, words.html, f"test.{mark}@{home.domain}")
    reader = Reader(person.member_id, person.address, "You asked for it.", "Stop all email", "all")
    return Draft(home, letter).to(reader, datetime.now(UTC))

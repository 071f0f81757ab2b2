"""The test mail that administrators send themselves: built, signed and handed over as every other."""

from dataclasses import dataclass
from datetime import UTC, datetime

from forum.kit.tokens import new_token
from forum.kit.tools import Tools
from forum.mail.composing import Draft, house
from forum.mail.types import Letter, Reader
from forum.mail.wording import rendered


@dataclass(frozen=True)
class TestPage:
    """Who asked for it."""

    name: str


async def test_mail(tools: Tools, member_id: int, name: str, address: str) -> bytes:
    """The whole mail to that address of theirs."""
    home = await house(tools)
    words = rendered(home, "test", TestPage(name))
    letter = Letter("test", "Test mail", words.text, words.html, f"test.{new_token()}@{home.domain}")
    reader = Reader(member_id, address, "You asked for it.", "Stop all mail", "everything")
    return Draft(home, letter).to(reader, datetime.now(UTC))

"""Every refusal the forum can give. forum/app.py alone turns them into status codes.

ForumError
  NotFound     404  no such thing, or not for you: the two look alike on purpose
  Forbidden    403  you can see it, but may not do that; `reason` is shown to you
  Unconfirmed  403  first show again that it is you: a page leads to where that is done
  Stale        409  somebody changed it since you opened it
  Crossed      409  this and something else waited for each other: nothing of this was done, and it may be tried again
  Invalid      422  `fields` maps a form field to what is wrong with it
  TooMany      429  too often; `seconds` says when to come back
  Unavailable  503  the database does not answer
"""

from typing import NamedTuple

NOTHING_LEFT = "There is nothing to undo anymore."
NOT_THERE = "It is not there anymore, so nothing could be undone."


class ForumError(Exception):
    """Base of the refusals above. Anything else is a bug and becomes a 500."""


class NotFound(ForumError):
    """There is no such thing for this reader."""


class Forbidden(ForumError):
    """Seen, but not allowed. `reason` is a sentence for the reader."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Unconfirmed(ForumError):
    """You may, once you have shown again that it is you.

    need: "identity" (within ten minutes before) or "second-factor" (once a session, for staff).
    """

    def __init__(self, need: str):
        super().__init__(need)
        self.need = need


class Stale(ForumError):
    """The version this change was made from is no longer the newest."""


class Crossed(ForumError):
    """PostgreSQL gave this up so that what it waited for in a circle can go on: nothing of it was done."""


class Invalid(ForumError):
    """What was sent will not do. `fields`: form field → a sentence saying what to do."""

    def __init__(self, **fields: str):
        super().__init__(", ".join(fields))
        self.fields = fields


class TooMany(ForumError):
    """Sent too often. `seconds`: how long to wait, at least 1."""

    def __init__(self, seconds: int):
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds

    @property
    def words(self) -> str:
        """What is said to whoever has to wait."""
        return f"That was too often. Try again in {-(-self.seconds // 60)} min."


class Unavailable(ForumError):
    """The database cannot be reached just now."""


class Verdict(NamedTuple):
    """The answer of a policy: true when allowed, else false with a reason to show."""

    reason: str = ""

    def __bool__(self) -> bool:
        return not self.reason

    def require(self) -> None:
        """Raises Forbidden with the reason unless allowed."""
        if self.reason:
            raise Forbidden(self.reason)


YES = Verdict()

"""Who is told what is new. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor


def may_be_told(actor: Actor) -> Verdict:
    """Whether there are notifications for this person at all."""
    return Verdict("Sign in to see what is new for you.") if actor.is_guest else YES

"""Who may change topics. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor


def may_merge(actor: Actor) -> Verdict:
    """Whether this person may make one topic out of two: in every category at once, so moderators may not."""
    return YES if actor.is_admin else Verdict("Only administrators merge topics.")

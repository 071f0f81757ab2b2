"""Who may change topics. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor


def may_merge(actor: Actor) -> Verdict:
    """Whether this person may make one topic out of two."""
    return YES if actor.is_admin or actor.moderates else Verdict("Only staff merge topics.")

"""Who may keep searches, and who sees what is looked for. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor


def may_save(actor: Actor) -> Verdict:
    """Whether this person may keep searches."""
    return Verdict("Sign in to keep searches.") if actor.is_guest else YES


def may_tend_search(actor: Actor) -> Verdict:
    """Whether this person sees what is looked for, and says which words mean the same: on the whole site at once."""
    return YES if actor.is_admin else Verdict("Only administrators say which words mean the same.")

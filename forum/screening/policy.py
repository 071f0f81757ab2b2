"""Who decides which words are watched. Pure: no database, no request."""

from forum.kit.errors import YES, NotFound, Verdict
from forum.members.types import Actor


def may_watch(actor: Actor, category_id: int | None) -> Verdict:
    """Whether `actor` may change words of a category, or with None those of the whole site."""
    if category_id is None:
        return YES if actor.is_admin else Verdict("Only administrators watch words on the whole site.")
    return YES if actor.moderates_in(category_id) else Verdict("Only its moderators watch words in this category.")


def require_watcher(actor: Actor, category_id: int | None) -> None:
    """Raises NotFound for a word that is not the actor's to change: it is as if it were not there."""
    if not may_watch(actor, category_id):
        raise NotFound

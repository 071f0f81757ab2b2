"""Who may flag, decide and take notes. Pure: no database, no request."""

from forum.audit.types import Entry
from forum.categories.policy import MODERATED
from forum.kit.errors import YES, Verdict
from forum.members.types import Actor
from forum.moderation.types import CLAIM_MINUTES, Item

# What members also do to threads they began; whether they still may is asked where it is undone.
OWN_ACTS = ("thread.duplicate", "thread.vendors_kept_out", "thread.vendors_let_in")

FLAGS_TO_HIDE = 3  # of members from as many districts

# Items `i` (with a category `c`, a reader `r`) that `r` may judge: not what they wrote themselves, but for
# administrators, who may be the only ones. Without a category there is none to moderate: administrators.
MINE = f"({MODERATED} AND (r.role = 'admin' OR i.author_id IS DISTINCT FROM r.id))"


def may_decide(actor: Actor, item: Item) -> Verdict:
    """Whether `actor`, who may see the item, may decide it now."""
    if item.decided_at:
        return Verdict(f"{item.decided_name or 'Somebody'} has decided this already: {item.verdict}.")
    if item.is_claimed and item.claimed_by != actor.id:
        return Verdict(f"{item.claimed_name} is looking at this. It is free again {CLAIM_MINUTES} minutes after.")
    return YES


def may_undo(actor: Actor, entry: Entry) -> Verdict:
    """Whether `actor`, who did it, has still the right it took; what they did to their own thread needs none."""
    if entry.category_id is None or entry.act in OWN_ACTS or actor.moderates_in(entry.category_id):
        return YES
    return Verdict("You are not staff there anymore.")


def may_note(actor: Actor, category_id: int | None) -> Verdict:
    """Whether `actor` may write staff notes for the staff of a category, or with None for administrators."""
    if category_id is None:
        return YES if actor.is_admin else Verdict("Choose the category whose staff may read it.")
    return YES if actor.moderates_in(category_id) else Verdict("Choose a category you moderate.")


def may_drop_note(actor: Actor, author_id: int | None) -> Verdict:
    """Whether `actor` may throw a staff note away that they can see."""
    return YES if actor.is_admin or actor.id == author_id else Verdict("Only who wrote a note throws it away.")

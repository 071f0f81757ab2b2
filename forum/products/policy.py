"""Who may see products, once in SQL, and who may act on them. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor

# For any query with a product `pr` and a reader `r`: members see all, a vendor's people their own, guests none.
SEEN = """(
    r.id IS NOT NULL AND (r.role <> 'vendor' OR EXISTS (
        SELECT 1 FROM vendor_account va WHERE va.member_id = r.id AND va.vendor_id = pr.vendor_id
    ))
)"""


def may_see_products(actor: Actor) -> Verdict:
    """Whether there is a catalogue for this person at all."""
    return Verdict("Sign in to see products.") if actor.is_guest else YES


def may_see_districts(actor: Actor) -> Verdict:
    """Whether this person reads which districts run what: members among themselves."""
    if actor.is_guest:
        return Verdict("Sign in to see who runs it.")
    return Verdict("Which districts run it stays among members.") if actor.is_vendor else YES


def may_suggest(actor: Actor) -> Verdict:
    """Whether this person may suggest a product that is missing."""
    if actor.is_guest:
        return Verdict("Sign in to suggest a product.")
    return Verdict("Write to an administrator to have a product of yours added.") if actor.is_vendor else YES


def may_say_use(actor: Actor, district_id: int | None) -> Verdict:
    """Whether this person may say what their district runs. district_id: None for somebody without one."""
    if actor.is_guest:
        return Verdict("Sign in to say that you run it.")
    if actor.is_vendor:
        return Verdict("Members say what their districts run.")
    return YES if district_id else Verdict("Say in your profile which district you work for first.")


def may_manage(actor: Actor) -> Verdict:
    """Whether this person adds, changes and merges products, and says who speaks for a vendor."""
    return YES if actor.is_admin else Verdict("Only administrators change products.")

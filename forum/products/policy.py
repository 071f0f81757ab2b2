"""Who may see products, once in SQL, and who may act on them. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor
from forum.products.review_types import CORRECTING_DAYS, Answering

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


def may_review(actor: Actor, district_id: int | None) -> Verdict:
    """Whether this person reviews products at all. district_id: None for somebody without one."""
    if actor.is_guest:
        return Verdict("Sign in to review it.")
    if actor.is_vendor:
        return Verdict("Vendors do not rate products, neither theirs nor others'.")
    return YES if district_id else Verdict("Say in your profile which district you work for first: it is what counts.")


def may_tell_move(actor: Actor, district_id: int | None) -> Verdict:
    """Whether this person tells how they moved to a product. district_id: None for somebody without one."""
    if actor.is_guest:
        return Verdict("Sign in to tell how you moved.")
    if actor.is_vendor:
        return Verdict("Members tell how they moved; vendors do not.")
    return YES if district_id else Verdict("Say in your profile which district you work for first: it is its story.")


def may_ask_owners(actor: Actor, district_id: int | None) -> Verdict:
    """Whether this person asks the owners of a product, and is asked. district_id: None for somebody without one."""
    if actor.is_guest:
        return Verdict("Sign in to ask who runs it.")
    if actor.is_vendor:
        return Verdict("Members ask each other; vendors neither ask nor are asked.")
    return YES if district_id is not None else Verdict("Say in your profile which district you work for first.")


def may_be_asked(actor: Actor, *, runs_it: bool) -> Verdict:
    """Whether this person may say that they may be asked. runs_it: whether their district runs the product."""
    allowed = may_ask_owners(actor, 0)
    if not allowed:
        return allowed
    return YES if runs_it else Verdict("Say first that your district runs it: its owners are asked.")


def may_see_prices(actor: Actor) -> Verdict:
    """Whether this person reads what districts pay: members among themselves."""
    if actor.is_guest:
        return Verdict("Sign in to see what districts pay.")
    return Verdict("What districts pay stays among members.") if actor.is_vendor else YES


def may_see_writer(actor: Actor) -> Verdict:
    """Whether this person may ask who wrote a review that shows no name; asking is logged."""
    return YES if actor.is_admin else Verdict("Only the association's staff see who wrote it.")


def may_answer(actor: Actor, answering: Answering) -> Verdict:
    """Whether this person answers a review for its vendor, or corrects the answer."""
    if not actor.is_vendor or not answering.is_own:
        return Verdict("Only the people of its vendor answer a review.")
    if answering.is_gone:
        return Verdict("This review is not there anymore.")
    if answering.days is None:
        return YES
    if answering.days < CORRECTING_DAYS:
        return YES
    return Verdict(f"A review is answered once; the answer could be corrected for {CORRECTING_DAYS} days.")


def may_manage(actor: Actor) -> Verdict:
    """Whether this person adds, changes and merges products, and says who speaks for a vendor."""
    return YES if actor.is_admin else Verdict("Only administrators change products.")

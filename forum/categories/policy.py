"""Who may read a category, said once in SQL, and who may act in it, said once in Python."""

from forum.categories.types import Kept, Rights, Room
from forum.kit.errors import YES, Verdict
from forum.members.types import Actor

# The reader of any query: a row of member `r`, or NULL for guests and for members who are not active.
# A guest is nobody's id, not NULL: for NULL PostgreSQL would drop the join and plan the query anew each time.
READER = "LEFT JOIN member r ON r.id = coalesce(CAST(:actor_id AS bigint), 0) AND r.state = 'active'"

# Whether guests may read at all: administrators can close the whole site to them.
OPEN = "NOT EXISTS (SELECT 1 FROM site_setting ss WHERE NOT ss.is_open_to_guests)"

# For any query with a category `c` and a reader `r`. What it does not let through cannot be loaded.
READABLE = f"""(
    NOT c.is_hidden AND CASE
        WHEN r.role = 'admin' THEN true
        WHEN r.role = 'vendor' THEN c.lets_vendors_in AND c.read_by IN ('everyone', 'members')
        WHEN c.read_by = 'everyone' THEN r.id IS NOT NULL OR {OPEN}
        WHEN r.id IS NULL THEN false
        WHEN c.read_by = 'members' THEN true
        ELSE EXISTS (
                 SELECT 1 FROM category_moderator cm WHERE cm.category_id = c.id AND cm.member_id = r.id
             )
             OR c.read_by = 'groups' AND EXISTS (
                 SELECT 1 FROM category_group cg
                 JOIN group_member gm ON gm.group_id = cg.group_id
                 WHERE cg.category_id = c.id AND cg.may = 'read' AND gm.member_id = r.id
             )
    END
)"""

# A thread `t` that not all read who read its category: it keeps vendors out, or it is one vendor's room.
NOT_FOR_ALL = "(t.keeps_vendors_out OR t.vendor_id IS NOT NULL)"

# Whether reader `r` is let into thread `t` of a category they read. Guests are not: a vendor need only sign out.
LET_IN = f"""(
    NOT {NOT_FOR_ALL} OR r.role <> 'vendor'
    OR NOT t.keeps_vendors_out AND EXISTS (
        SELECT 1 FROM vendor_account va WHERE va.member_id = r.id AND va.vendor_id = t.vendor_id
    )
)"""

# For any query with a thread `t`, its category `c` and a reader `r`. No thread is read with less.
READABLE_THREAD = f"({READABLE} AND {LET_IN})"

# The same for a query that goes through many threads, with or without `c` and `r`: READABLE is asked once a category,
# not once a thread, and LET_IN only of the few that are not for all.
READABLE_THREADS = f"""(
    t.category_id = ANY(ARRAY(SELECT c.id FROM category c {READER} WHERE {READABLE}))
    AND (NOT {NOT_FOR_ALL} OR EXISTS (SELECT 1 FROM (SELECT 1) one {READER} WHERE {LET_IN}))
)"""

# For any query with a category `c` and a reader `r`: whether the reader is staff there. Vendors never are, whoever they
# were before.
MODERATED = """(
    r.role = 'admin'
    OR r.role <> 'vendor' AND EXISTS (
        SELECT 1 FROM category_moderator cm WHERE cm.category_id = c.id AND cm.member_id = r.id
    )
)"""

# For any query with a category `c` and a reader `r`: whether they see its name and description even without reading it.
SEEN = f"""(
    NOT c.is_hidden AND (
        c.seen_by = 'everyone' AND (r.id IS NOT NULL OR {OPEN})
        OR c.seen_by = 'members' AND r.id IS NOT NULL AND (r.role <> 'vendor' OR c.lets_vendors_in)
    )
)"""


ARCHIVED = "This category is archived: it stays to be read, and nobody writes in it anymore."
VENDORS_REPLY = "Members begin threads; you may reply where a product of yours is named."
SILENCED = "You may read here, but not write for now. Staff told you why by email."


def may_administer(actor: Actor) -> Verdict:
    """Whether `actor` makes and changes categories and chooses who moderates them."""
    return YES if actor.is_admin else Verdict("Only administrators change categories.")


def may_remove(kept: Kept) -> Verdict:
    """Whether nothing is in the category, so that it may go."""
    if kept.has_children:
        return Verdict("Other categories stand below it. Move them elsewhere first.")
    if kept.has_threads:
        return Verdict("There are threads in it, or deleted ones. Archive it instead: it stays to be read.")
    return YES


def may_start(actor: Actor, room: Room) -> Verdict:
    """Whether `actor`, who can read this category, may start a thread in it."""
    if actor.is_vendor:
        return Verdict(VENDORS_REPLY)
    return may_act(actor, room.starting, "start a thread")


def may_act(actor: Actor, rights: Rights, doing: str) -> Verdict:
    """Whether `actor`, who can read the category, may also do what `rights` are about.

    doing: a verb for the sentence of a refusal, as in "start a thread".
    """
    if rights.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    if actor.is_guest:
        return Verdict(f"Sign in to {doing}.")
    if actor.moderates_in(rights.category_id):
        return YES
    if actor.is_silenced_in(rights.category_id):
        return Verdict(SILENCED)
    if rights.by == "staff":
        return Verdict(f"Only staff {doing} in this category.")
    if rights.by == "groups" and not actor.groups & rights.groups:
        return Verdict(f"Only its groups {doing} in this category.")
    if actor.is_vendor and not rights.lets_vendors_in:
        return Verdict(f"Vendors do not {doing} in this category.")
    return YES

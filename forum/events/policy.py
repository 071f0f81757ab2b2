"""Who may change an event they can see, and say that they come. Pure: no database, no request."""

from forum.categories.policy import ARCHIVED, VENDORS_REPLY
from forum.events.types import KIND, Event
from forum.kit.errors import YES, Verdict
from forum.members.types import Actor
from forum.threads.policy import may_edit
from forum.threads.types import PostSource, Thread

IS_OVER, IS_CANCELLED = "It is over.", "It is canceled."
# What a button of a page that was opened before leads to: the event's page, with a notice.
MEANWHILE = {IS_OVER: "event-over", IS_CANCELLED: "event-cancelled"}
# Whom one finds as an event where several posts of a thread have one, as after a merge: the first, and only while it is
# there. For a query with an event `e`, its post `p` and its thread `t`.
EVENT_THERE = """(
    p.deleted_at IS NULL AND t.deleted_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM event oe
        JOIN post op ON op.id = oe.post_id
        WHERE op.thread_id = p.thread_id AND op.number < p.number AND op.deleted_at IS NULL
    )
)"""


def may_announce(actor: Actor) -> Verdict:
    """Whether `actor` may announce anything anywhere; in which categories says categories.policy.may_start."""
    if actor.is_guest:
        return Verdict("Sign in to announce an event.")
    return Verdict(VENDORS_REPLY) if actor.is_vendor else YES


def may_change(actor: Actor, thread: Thread, post: PostSource, event: Event | None) -> Verdict:
    """Whether `actor` may say when and where it is, or that it is cancelled: as they may change the post itself."""
    if event is None and thread.kind != KIND:
        return Verdict("Only a thread that announces something has a time and a place.")
    return may_edit(actor, thread, post)


def may_come(actor: Actor, thread: Thread, event: Event) -> Verdict:
    """Whether `actor` may say that they will come, or that they will not."""
    if actor.is_guest:
        return Verdict("Sign in to say that you come.")
    if actor.is_vendor:
        return Verdict("Members say here whether they come.")
    if event.is_over:
        return Verdict(IS_OVER)
    if event.is_cancelled:
        return Verdict(IS_CANCELLED)
    return Verdict(ARCHIVED) if thread.is_archived and not actor.is_admin else YES

"""Who may act on a thread or post they can already see. Pure: no database, no request."""

from datetime import UTC, datetime, timedelta

from forum.categories.policy import ARCHIVED, MODERATED, SILENCED, may_act
from forum.kit.errors import YES, Verdict
from forum.members.types import Actor
from forum.threads.types import Post, PostSource, Thread

STAFF_ACCEPT_AFTER = timedelta(days=7)
SILENT_EDIT = timedelta(minutes=10)

# Which threads and posts exist for reader `r`, beside READABLE: deleted ones only for their author and staff.
# One that was merged into another is there for nobody: its address leads on.
THREAD_THERE = f"(t.deleted_at IS NULL OR t.merged_into_id IS NULL AND (t.author_id = r.id OR {MODERATED}))"
POST_THERE = f"(p.deleted_at IS NULL OR p.author_id = r.id OR {MODERATED})"


def may_write(actor: Actor) -> Verdict:
    """Whether `actor` may write anything at all: what a preview asks."""
    return Verdict("Sign in to write.") if actor.is_guest else YES


def may_reply(actor: Actor, thread: Thread) -> Verdict:
    """Whether `actor` may reply in this thread."""
    if thread.deleted_at:
        return Verdict("This thread is deleted.")
    allowed = may_act(actor, thread.replying, "reply")
    if not allowed or thread.is_staff:
        return allowed
    if actor.is_vendor and not (allowed := _may_answer(thread)):
        return allowed
    if thread.is_locked:
        return Verdict("This thread is locked.")
    return Verdict(_slowed(thread.wait_seconds)) if thread.wait_seconds else YES


def _may_answer(thread: Thread) -> Verdict:
    """Whether somebody of a vendor may reply: where members speak of what it sells."""
    if thread.kind == "review" and thread.vendor_id is not None:
        return Verdict("Answer a review with its own button, once each.")
    return YES if thread.names_own_product else Verdict("You may reply where a product of yours is named.")


def _slowed(seconds: int) -> str:
    minutes = -(-seconds // 60)
    left = f"{seconds} seconds" if seconds < 60 else "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"This thread is in slow mode: you can reply again in {left}."


def may_moderate(actor: Actor, thread: Thread) -> Verdict:
    """Whether `actor` may lock, pin, move, split or merge this thread."""
    if not thread.is_staff:
        return Verdict("Only staff of its category do that.")
    if thread.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    return Verdict("Restore the thread first.") if thread.deleted_at else YES


def may_join(thread: Thread, into: Thread) -> Verdict:
    """Whether the posts of `thread` may come to `into`: only where no vendor reads them who does not read them here."""
    is_another_room = thread.vendor_id not in (None, into.vendor_id)
    if into.keeps_vendors_out or not (thread.keeps_vendors_out or is_another_room):
        return YES
    return Verdict("Vendors would read there what is kept from them here. Keep them out of the other thread first.")


def may_choose_vendors(actor: Actor, thread: Thread, *, out: bool) -> Verdict:
    """Whether `actor` may keep vendors out of this thread, or with `out` false let them in again."""
    if thread.is_staff:
        return may_moderate(actor, thread)
    if actor.is_guest or actor.is_vendor or actor.id != thread.author_id:
        return Verdict("Only who began the thread and staff say whether vendors read it.")
    if thread.deleted_at:
        return Verdict("This thread is deleted.")
    if thread.is_archived:
        return Verdict(ARCHIVED)
    if thread.reply_count and not out:
        return Verdict("Others have replied where no vendor reads. Ask staff to let vendors in.")
    return YES


def may_close(actor: Actor, thread: Thread) -> Verdict:
    """Whether `actor` may close this thread because another one answers it: staff, and whoever asked."""
    if thread.is_staff:
        return may_moderate(actor, thread)
    if actor.is_guest or actor.id != thread.author_id:
        return Verdict("Only the asker and staff close a thread as a duplicate.")
    if thread.deleted_at:
        return Verdict("This thread is deleted.")
    if thread.is_archived:
        return Verdict(ARCHIVED)
    return Verdict("This thread is locked.") if thread.is_locked else YES


def may_accept(actor: Actor, thread: Thread, now: datetime | None = None) -> Verdict:
    """Whether `actor` may choose the accepted answer: the asker any time, staff after seven days."""
    if thread.kind != "question":
        return Verdict("Only questions have an accepted answer.")
    if actor.is_guest or thread.deleted_at:
        return Verdict("Sign in to accept an answer." if actor.is_guest else "This thread is deleted.")
    if thread.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    if actor.id == thread.author_id:
        return YES
    if not thread.is_staff:
        return Verdict("The asker chooses the accepted answer.")
    is_due = (now or datetime.now(UTC)) - thread.created_at >= STAFF_ACCEPT_AFTER
    return YES if is_due else Verdict("For seven days the choice is the asker's alone.")


def may_edit(actor: Actor, thread: Thread, post: Post | PostSource) -> Verdict:
    """Whether `actor` may change the text of this post."""
    if actor.is_guest:
        return Verdict("Sign in to edit.")
    if post.deleted_at or thread.deleted_at:
        return Verdict("Restore it first.")
    if post.format == "mail":
        return Verdict("An email of the archive stays as it was sent.")
    if post.format == "form":
        return Verdict("It was written in a form, and is changed there.")
    if thread.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    if thread.is_staff:
        return YES
    if actor.is_silenced_in(thread.category_id):
        return Verdict(SILENCED)
    if actor.id != post.author_id:
        return Verdict("Only its author and staff edit a post.")
    return Verdict("This thread is locked.") if thread.is_locked else YES


def may_delete(actor: Actor, thread: Thread, post: Post | PostSource) -> Verdict:
    """Whether `actor` may delete this post; deleting the opening post deletes the thread."""
    if actor.is_guest:
        return Verdict("Sign in to delete.")
    if post.deleted_at or thread.deleted_at:
        return Verdict("It is deleted already.")
    if thread.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    if thread.is_staff:
        return YES
    if actor.id != post.author_id:
        return Verdict("Only its author and staff delete a post.")
    if post.number == 1 and thread.reply_count:
        return Verdict("Others have replied. Ask staff to delete the thread.")
    return Verdict("This thread is locked.") if thread.is_locked else YES


def may_restore(actor: Actor, thread: Thread, *, deleted_by: int | None) -> Verdict:
    """Whether `actor` may bring back what `deleted_by` deleted: staff, or whoever deleted it."""
    if thread.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    if thread.is_staff:
        return YES
    if actor.is_guest or actor.id != deleted_by:
        return Verdict("Staff deleted it; only staff restore it.")
    return Verdict("This thread is locked.") if thread.is_locked else YES


def may_vote(actor: Actor, thread: Thread, post: Post | PostSource) -> Verdict:
    """Whether `actor` may mark this post helpful."""
    if actor.is_guest:
        return Verdict("Sign in to mark posts helpful.")
    if actor.id == post.author_id:
        return Verdict("Others say whether your post helped.")
    if post.deleted_at or thread.deleted_at:
        return Verdict("It is deleted.")
    if thread.is_archived and not actor.is_admin:
        return Verdict(ARCHIVED)
    return Verdict("Vendors do not mark posts.") if actor.is_vendor else YES


def may_flag(actor: Actor, thread: Thread, post: Post | PostSource) -> Verdict:
    """Whether `actor` may tell moderators about this post."""
    if actor.is_guest:
        return Verdict("Sign in to flag a post.")
    if actor.id == post.author_id:
        return Verdict("It is yours: edit or delete it.")
    if post.deleted_at or thread.deleted_at:
        return Verdict("It is hidden already.")
    if thread.is_archived and not actor.is_admin:
        return Verdict("This category is archived. Write to an administrator if something in it should not stay.")
    if actor.is_silenced_in(thread.category_id):
        return Verdict(SILENCED)
    return YES

"""Who may do what with a whole account. Pure: no database, no request."""

from forum.accounts.types import Side
from forum.kit.errors import YES, Verdict
from forum.members.types import Actor

OWN = "Sign in to look after your account."


def may_export(actor: Actor) -> Verdict:
    """Whether there is something of theirs to take along."""
    return Verdict(OWN) if actor.is_guest else YES


def may_delete(actor: Actor) -> Verdict:
    """Whether there is an account of their own to delete."""
    return Verdict(OWN) if actor.is_guest else YES


def may_merge(actor: Actor, source: Side, into: Side) -> Verdict:
    """Whether `actor` may give everything of `source` to `into`: administrators, or the owner of `into` by a link.

    That a suspended account cannot vanish in another is part of the suspension.
    """
    if not actor.is_admin and actor.id != into.id:
        return Verdict("Only administrators, or their owner, make two accounts one.")
    if source.id == into.id:
        return Verdict("These are one account already.")
    if source.state == "suspended" or into.state != "active":
        return Verdict("A suspended or closed account cannot be part of this. Let it in again first.")
    if source.role != into.role and "vendor" in (source.role, into.role):
        return Verdict("A vendor's account and a member's stay apart.")
    return YES

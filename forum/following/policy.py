"""Who may follow what. Pure: no database, no request. What may not be seen is not there to be followed."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor


def may_follow(actor: Actor, kind: str) -> Verdict:
    """Whether `actor` follows things of that kind at all."""
    if actor.is_guest:
        return Verdict("Sign in to follow what matters to you.")
    if actor.is_vendor and kind == "person":
        return Verdict("Who is here stays among members; vendors follow nobody.")
    return YES


def may_wish(actor: Actor) -> Verdict:
    """Whether `actor` says how they want to hear of things."""
    return Verdict("Sign in to choose what you hear about.") if actor.is_guest else YES


def may_plan_quiet(actor: Actor) -> Verdict:
    """Whether `actor` says in which weeks no digests go out."""
    return YES if actor.is_admin else Verdict("Only administrators plan quiet times.")

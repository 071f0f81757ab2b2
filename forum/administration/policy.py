"""What administrators may do with the site. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor

MAILED_LINK = "mail"


def may_run_site(actor: Actor) -> Verdict:
    """Whether this person decides what the site is called, looks like, says and lets happen."""
    return YES if actor.is_admin else Verdict("Only administrators do that.")


def may_switch_off(actor: Actor, *, on: frozenset[str], locked_out: int) -> Verdict:
    """Whether a way to sign in may go. on: the others that work; locked_out: administrators with none of those."""
    if not may_run_site(actor):
        return may_run_site(actor)
    if not on:
        return Verdict("This is the last way to sign in. Switch another one on first.")
    if locked_out:
        who = "One administrator has" if locked_out == 1 else f"{locked_out} administrators have"
        return Verdict(f"{who} no other way to sign in. They link an account or add a passkey first.")
    return YES

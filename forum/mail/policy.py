"""Who may look at mails and decide about them."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor


def may_run_mail(actor: Actor) -> Verdict:
    """Whether this person sees the queue, sends what failed again, and says which addresses are left alone."""
    return YES if actor.is_admin else Verdict("Only administrators look after email.")

"""What a person may do with their ways in and their keys. Pure: no database, no request."""

from forum.identities.key_types import MOST_PASSKEYS, Keys
from forum.kit.errors import YES, Unconfirmed, Verdict
from forum.members.policy import require_recent
from forum.members.types import Actor


def may_have_keys(actor: Actor) -> Verdict:
    """Whether there is an account to secure."""
    return Verdict("Sign in to see how your account is secured.") if actor.is_guest else YES


def may_remove_way(ways: int) -> Verdict:
    """Whether one way in may go. ways: how many verified addresses, accounts elsewhere and passkeys there are now."""
    return YES if ways > 1 else Verdict("This is your last way in. Add an address or a passkey first.")


def may_add_passkey(keys: Keys) -> Verdict:
    """Whether one more passkey fits."""
    if len(keys.passkeys) < MOST_PASSKEYS:
        return YES
    return Verdict(f"You have {MOST_PASSKEYS} passkeys, which is the most. Remove one you do not use.")


def may_reset_keys(actor: Actor, member_id: int) -> Verdict:
    """Whether this person takes the second factors from that member."""
    if not actor.is_admin:
        return Verdict("Only administrators reset second factors.")
    if actor.id == member_id:
        return Verdict("Nobody resets their own. Remove your keys on your page of settings.")
    return YES


def require_for_keys(actor: Actor, keys: Keys) -> None:
    """Before keys are added or removed: raises Unconfirmed.

    Whoever has a second factor shows it first, or a stolen mailbox would be enough to add another one.
    """
    may_have_keys(actor).require()
    require_recent(actor)
    if keys.any and not actor.has_second_factor:
        raise Unconfirmed("second-factor")

"""What a person may do with members and their own account. Pure: no database, no request."""

from forum.kit.errors import YES, NotFound, Unconfirmed, Verdict
from forum.members.types import Actor, Target


def may_have_settings(actor: Actor) -> Verdict:
    """Whether there is an account to look after."""
    return Verdict("Sign in to see your settings.") if actor.is_guest else YES


def may_see_people(actor: Actor) -> Verdict:
    """Whether the list of members is open to this reader."""
    if actor.is_guest:
        return Verdict("Sign in to see who is here.")
    return Verdict("Who is here stays among members.") if actor.is_vendor else YES


def may_see_person(actor: Actor, handle: str) -> Verdict:
    """Whether the page of the member with that handle is open to this reader: one's own always is."""
    return YES if handle and actor.handle == handle else may_see_people(actor)


def person_path(actor: Actor, handle: str) -> str:
    """Where the page of the member with that handle is: "" for readers to whom it is closed, and without a handle."""
    return f"/people/{handle}" if handle and may_see_person(actor, handle) else ""


def may_use_links(methods_off: frozenset[str]) -> Verdict:
    """Whether links that sign in are mailed and taken. methods_off: what administrators switched off."""
    return Verdict("Emailed links are switched off here. Sign in another way.") if "mail" in methods_off else YES


def may_ask_to_join(*, takes_requests: bool) -> Verdict:
    """Whether strangers may ask to become members: administrators can close that."""
    if takes_requests:
        return YES
    return Verdict("Nobody can ask to join just now. People come by invitation, or by their district's email domain.")


def may_invite(actor: Actor) -> Verdict:
    """Whether this person decides who joins."""
    return YES if actor.is_admin else Verdict("Only administrators decide who joins.")


def may_silence(actor: Actor, member: Target, category_id: int | None) -> Verdict:
    """Whether this person decides if `member` may write: everywhere (None) or in one category."""
    if not actor.is_admin and (category_id is None or not actor.moderates_in(category_id)):
        return Verdict("Only staff of that place decide who writes there.")
    return may_sanction(actor, member)


def may_suspend(actor: Actor, member: Target) -> Verdict:
    """Whether this person may shut `member` out, and let them in again."""
    if not actor.is_admin:
        return Verdict("Only administrators suspend members.")
    return may_sanction(actor, member)


def may_sanction(actor: Actor, member: Target) -> Verdict:
    """Whether `member` is somebody whom this person, being staff, may sanction at all."""
    if actor.id == member.id:
        return Verdict("Nobody does that to themselves.")
    if member.is_admin and not actor.is_admin:
        return Verdict("Only administrators do that to an administrator.")
    return YES


def may_deactivate(actor: Actor) -> Verdict:
    """Whether there is an account of their own to close."""
    return Verdict("Sign in to close your account.") if actor.is_guest else YES


def may_administer(actor: Actor) -> Verdict:
    """Whether this person decides about members' roles, groups, mail domains and lists of invitations."""
    return YES if actor.is_admin else Verdict("Only administrators decide that.")


def require_recent(actor: Actor) -> None:
    """Before a change of addresses, keys or the site: raises Unconfirmed unless confirmed within ten minutes."""
    if not actor.is_confirmed:
        raise Unconfirmed("identity")


def require_staff(actor: Actor) -> None:
    """Before any page for moderators: raises NotFound for everybody else, Unconfirmed without a second factor."""
    if not actor.is_staff:
        raise NotFound
    if not actor.has_second_factor:
        raise Unconfirmed("second-factor")


def require_admin(actor: Actor) -> None:
    """Before any page for administrators: as require_staff and require_recent."""
    if not actor.is_admin:
        raise NotFound
    require_staff(actor)
    require_recent(actor)

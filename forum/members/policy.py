"""What a person may do with members and their own account. Pure: no database, no request."""

from forum.kit.errors import YES, NotFound, Unconfirmed, Verdict
from forum.members.types import Actor


def may_have_settings(actor: Actor) -> Verdict:
    """Whether there is an account to look after."""
    return Verdict("Sign in to see your settings.") if actor.is_guest else YES


def may_see_people(actor: Actor) -> Verdict:
    """Whether the list of members is open to this reader."""
    return Verdict("Sign in to see who is here.") if actor.is_guest or actor.is_vendor else YES


def may_see_person(actor: Actor, handle: str) -> Verdict:
    """Whether the page of the member with that handle is open to this reader: one's own always is."""
    return YES if handle and actor.handle == handle else may_see_people(actor)


def may_invite(actor: Actor) -> Verdict:
    """Whether this person decides who joins."""
    return YES if actor.is_admin else Verdict("Only administrators decide who joins.")


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

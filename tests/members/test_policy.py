"""What people may do with members and their own account, case by case."""

import pytest

from forum.kit.errors import NotFound, Unconfirmed
from forum.members import policy
from forum.members.types import GUEST, Actor, Target

ADA, ANN, VIC = (
    Actor(n, name, role=role) for n, name, role in ((1, "ada", "admin"), (2, "ann", "member"), (3, "vic", "vendor"))
)
MIA = Actor(4, "mia", role="member", moderates=frozenset({5}))
PLACE = "Only staff of that place decide who writes there."
SUSPENDS = "Only administrators suspend members."
THEMSELVES = "Nobody does that to themselves."
ADMINISTRATOR = "Only administrators do that to an administrator."
PEOPLE, STAYS = "Sign in to see who is here.", "Who is here stays among members."


def target(number=7, role="member") -> Target:
    return Target(number, "tom", role, "active")


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (policy.may_have_settings, "Sign in to see your settings."),
        (policy.may_deactivate, "Sign in to close your account."),
    ],
)
def test_everybody_but_guests_has_an_account_to_look_after(verdict, reason):
    assert [verdict(who).reason for who in (GUEST, ANN, VIC, ADA)] == [reason, "", "", ""]


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (policy.may_invite, "Only administrators decide who joins."),
        (policy.may_administer, "Only administrators decide that."),
    ],
)
def test_administrators_decide_who_joins_and_what_they_are(verdict, reason):
    assert [verdict(who).reason for who in (GUEST, ANN, MIA, ADA)] == [reason, reason, reason, ""]


def test_the_list_of_members_is_closed_to_guests_and_vendors():
    assert [policy.may_see_people(who).reason for who in (GUEST, VIC, ANN, ADA)] == [PEOPLE, STAYS, "", ""]


@pytest.mark.parametrize(
    ("actor", "handle", "reason"),
    [(GUEST, "", PEOPLE), (GUEST, "ann", PEOPLE), (VIC, "vic", ""), (VIC, "ann", STAYS), (ANN, "vic", "")],
)
def test_ones_own_page_is_always_open(actor, handle, reason):
    assert policy.may_see_person(actor, handle).reason == reason


@pytest.mark.parametrize(
    ("actor", "handle", "path"),
    [(ANN, "vic", "/people/vic"), (VIC, "vic", "/people/vic"), (VIC, "ann", ""), (GUEST, "ann", ""), (ANN, "", "")],
)
def test_names_lead_to_the_pages_that_are_open(actor, handle, path):
    assert policy.person_path(actor, handle) == path


def test_mailed_links_work_until_they_are_switched_off():
    off = "Emailed links are switched off here. Sign in another way."

    assert [policy.may_use_links(frozenset(what)).reason for what in ((), ("google",), ("mail",))] == ["", "", off]


def test_strangers_ask_to_join_where_that_is_open():
    closed = "Nobody can ask to join just now. People come by invitation, or by their district's email domain."

    assert policy.may_ask_to_join(takes_requests=True).reason == ""
    assert policy.may_ask_to_join(takes_requests=False).reason == closed


@pytest.mark.parametrize(
    ("actor", "member", "category_id", "reason"),
    [
        (ADA, target(), None, ""),
        (ADA, target(), 5, ""),
        (ADA, target(role="admin"), None, ""),
        (ADA, target(ADA.id), None, THEMSELVES),
        (MIA, target(), None, PLACE),
        (MIA, target(), 5, ""),
        (MIA, target(), 6, PLACE),
        (MIA, target(MIA.id), 5, THEMSELVES),
        (MIA, target(role="admin"), 5, ADMINISTRATOR),
        (ANN, target(), 5, PLACE),
        (GUEST, target(), None, PLACE),
    ],
)
def test_staff_of_a_place_silence_others_there(actor, member, category_id, reason):
    assert policy.may_silence(actor, member, category_id).reason == reason


@pytest.mark.parametrize(
    ("actor", "member", "reason"),
    [
        (ADA, target(), ""),
        (ADA, target(role="admin"), ""),
        (ADA, target(ADA.id), THEMSELVES),
        (MIA, target(), SUSPENDS),
        (ANN, target(ANN.id), SUSPENDS),
    ],
)
def test_administrators_suspend_others(actor, member, reason):
    assert policy.may_suspend(actor, member).reason == reason


def needed(require, actor) -> str:
    """What `actor` has to show first; "" for nothing more."""
    try:
        require(actor)
    except NotFound:
        return "nothing there"
    except Unconfirmed as refused:
        return refused.need
    return ""


def person(role="member", *, moderates=(), confirmed=True, factor=True) -> Actor:
    return Actor(8, role=role, moderates=frozenset(moderates), is_confirmed=confirmed, has_second_factor=factor)


@pytest.mark.parametrize(
    ("require", "actor", "need"),
    [
        (policy.require_recent, person(confirmed=False), "identity"),
        (policy.require_recent, person(factor=False), ""),
        (policy.require_staff, GUEST, "nothing there"),
        (policy.require_staff, person(), "nothing there"),
        (policy.require_staff, person(moderates=[5], factor=False), "second-factor"),
        (policy.require_staff, person(moderates=[5], confirmed=False), ""),
        (policy.require_staff, person("admin"), ""),
        (policy.require_admin, person(moderates=[5]), "nothing there"),
        (policy.require_admin, person("admin", factor=False), "second-factor"),
        (policy.require_admin, person("admin", confirmed=False), "identity"),
        (policy.require_admin, person("admin"), ""),
    ],
)
def test_pages_of_staff_want_the_role_then_the_second_factor_then_freshness(require, actor, need):
    assert needed(require, actor) == need

"""Who may start and reply, decided without a database."""

from dataclasses import replace

import pytest

from forum.categories.policy import may_act
from forum.categories.types import Rights
from forum.members.types import GUEST, Actor

MEMBER = Actor(1, role="member")
VENDOR = Actor(2, role="vendor")
PEOPLE = {
    "guest": GUEST,
    "member": MEMBER,
    "in the group": replace(MEMBER, groups=frozenset([7])),
    "in another group": replace(MEMBER, groups=frozenset([8])),
    "moderator": replace(MEMBER, moderates=frozenset([5])),
    "moderator elsewhere": replace(MEMBER, moderates=frozenset([6])),
    "admin": replace(MEMBER, role="admin"),
    "vendor": VENDOR,
    "vendor in the group": replace(VENDOR, groups=frozenset([7])),
}
STAFF = {"moderator", "admin"}
SIGNED_IN = {"member", "in the group", "in another group", "moderator elsewhere", *STAFF}
TRUTH = [
    (Rights(5, "members"), SIGNED_IN),
    (Rights(5, "members", lets_vendors_in=True), SIGNED_IN | {"vendor", "vendor in the group"}),
    (Rights(5, "groups", frozenset([7])), STAFF | {"in the group"}),
    (Rights(5, "groups", frozenset([7]), lets_vendors_in=True), STAFF | {"in the group", "vendor in the group"}),
    (Rights(5, "groups"), STAFF),
    (Rights(5, "staff"), STAFF),
    (Rights(5, "staff", lets_vendors_in=True), STAFF),
]


@pytest.mark.parametrize(("rights", "allowed"), TRUTH, ids=range(len(TRUTH)))
def test_who_may_act_in_a_category(rights, allowed):
    assert {who for who, actor in PEOPLE.items() if may_act(actor, rights, "reply")} == allowed


@pytest.mark.parametrize(
    ("who", "rights", "reason"),
    [
        ("guest", Rights(5, "members"), "Sign in to start a thread."),
        ("member", Rights(5, "staff"), "Only staff start a thread in this category."),
        ("member", Rights(5, "groups", frozenset([7])), "Only its groups start a thread in this category."),
        ("vendor", Rights(5, "members"), "Vendors do not start a thread in this category."),
    ],
)
def test_a_refusal_says_why(who, rights, reason):
    assert may_act(PEOPLE[who], rights, "start a thread").reason == reason

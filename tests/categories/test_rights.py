"""Rights that contradict each other are refused."""

from itertools import product

import pytest

from forum.categories.types import CategoryDraft
from forum.kit.errors import Invalid

# Who reads → who may write beside them; groups are 1 and 2 for readers.
WRITERS = {
    "everyone": {("members", ()), ("staff", ()), ("groups", (1,)), ("groups", (1, 2)), ("groups", (3,))},
    "members": {("members", ()), ("staff", ()), ("groups", (1,)), ("groups", (1, 2)), ("groups", (3,))},
    "groups": {("staff", ()), ("groups", (1,)), ("groups", (1, 2))},
    "staff": {("staff", ())},
}
ALL = [
    ("members", ()),
    ("staff", ()),
    ("groups", (1,)),
    ("groups", (1, 2)),
    ("groups", (3,)),
    ("groups", (1, 3)),
    ("groups", ()),
]


def problems(**fields) -> dict[str, str]:
    try:
        CategoryDraft("a", "A", **fields).check()
    except Invalid as refusal:
        return refusal.fields
    return {}


@pytest.mark.parametrize(("read_by", "right", "write"), list(product(WRITERS, ("reply", "start"), ALL)), ids=str)
def test_nobody_writes_who_cannot_read(read_by, right, write):
    by, groups = write
    other = "start" if right == "reply" else "reply"

    found = problems(
        **{
            "read_by": read_by,
            "read_groups": (1, 2),
            f"{right}_by": by,
            f"{right}_groups": groups,
            f"{other}_by": "staff",
        }
    )

    is_fine = write in WRITERS[read_by] or (write == ("groups", (1, 3)) and read_by in ("everyone", "members"))
    assert set(found) == (set() if is_fine else {f"{right}_by"})


@pytest.mark.parametrize("lets_vendors_in", [True, False])
@pytest.mark.parametrize("read_by", ["everyone", "members", "groups", "staff"])
def test_vendors_are_let_in_only_where_everyone_or_all_members_read(read_by, lets_vendors_in):
    found = problems(read_by=read_by, read_groups=(1,), lets_vendors_in=lets_vendors_in)

    is_wrong = lets_vendors_in and read_by in ("groups", "staff")
    assert found == (
        {"lets_vendors_in": "Vendors are let in only where everyone or all members read."} if is_wrong else {}
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"read_by": "staff", "reply_by": "members"},
            "Who replies must be able to read: give them the right to read, or choose fewer here.",
        ),
        (
            {"read_by": "groups", "read_groups": (1,), "start_by": "groups", "start_groups": (2,)},
            "Who starts threads must be able to read: give them the right to read, or choose fewer here.",
        ),
        ({"reply_by": "groups"}, "Choose at least one group that replies."),
        ({"read_by": "groups", "reply_by": "staff", "start_by": "staff"}, "Choose at least one group that reads."),
        ({"start_by": "everyone"}, "Those who start are members, staff, groups."),
        ({"read_by": "nobody"}, "Readers are everyone, members, staff, groups."),
    ],
    ids=str,
)
def test_the_sentence_says_what_to_do(fields, sentence):
    assert list(problems(**fields).values()) == [sentence]


def test_groups_are_kept_only_for_rights_given_to_groups():
    draft = CategoryDraft("a", "A", read_groups=(2, 1), reply_groups=(1,), start_by="groups", start_groups=(2, 1, 2))

    assert (draft.read_groups, draft.reply_groups, draft.start_groups) == ((), (), (1, 2))

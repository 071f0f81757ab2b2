"""Three states of a form's fields, merged: nobody's change is lost but where both changed the same field."""

from hypothesis import given
from hypothesis.strategies import dictionaries, fixed_dictionaries, integers, sampled_from

from forum.kit.merging import clashing, merged

NAMES = ("days", "hour", "place")
FORMS = fixed_dictionaries(dict.fromkeys(NAMES, integers(0, 2)))
CHANGES = dictionaries(sampled_from(NAMES), integers(3, 5))


@given(FORMS, FORMS, FORMS)
def test_a_field_is_as_it_was_sent_where_that_changed_it_and_else_as_it_stands(shown, sent, now):
    kept = merged(shown, sent, now)

    assert {name for name in NAMES if sent[name] != shown[name] and kept[name] != sent[name]} == set()
    assert {name for name in NAMES if sent[name] == shown[name] and kept[name] != now[name]} == set()


@given(FORMS, FORMS, FORMS)
def test_a_form_that_nobody_touched_changes_nothing_and_one_that_nothing_passed_is_kept_whole(shown, sent, now):
    assert merged(shown, shown, now) == now
    assert merged(shown, sent, shown) == sent
    assert clashing(shown, shown, now) == clashing(shown, sent, shown) == clashing(shown, sent, sent) == []


@given(FORMS, FORMS, FORMS)
def test_twice_is_once(shown, sent, now):
    once = merged(shown, sent, now)

    assert merged(shown, sent, once) == once
    assert clashing(shown, sent, once) == []


@given(FORMS, CHANGES, CHANGES)
def test_two_clash_only_in_what_both_changed_and_else_whoever_is_first_does_not_matter(shown, one, other):
    first, second = shown | one, shown | other

    clashes = clashing(shown, second, first)

    assert set(clashes) == {name for name in set(one) & set(other) if one[name] != other[name]}
    if not clashes:
        assert merged(shown, second, first) == merged(shown, first, second) == shown | one | other

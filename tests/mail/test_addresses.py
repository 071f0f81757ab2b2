"""Addresses that prove themselves: only those made here are believed, and each for what it was made."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.db import value
from forum.kit.settings import Settings
from forum.mail import addresses
from forum.mail.addresses import Click

KEY, OTHER = b"k" * 32, b"o" * 32
IDS = st.integers(1, 2**53)
CLICK = Click(7, "stop", "thread", 12, 1_790_000_000)


@given(IDS, IDS)
def test_a_reply_key_says_whose_answer_to_which_post(post_id, member_id):
    key = addresses.reply_key(KEY, post_id, member_id)

    assert addresses.read_reply_key(KEY, key) == addresses.read_reply_key(KEY, key.upper()) == (post_id, member_id)
    assert addresses.read_reply_key(OTHER, key) is None
    assert len(key) <= 40


def test_a_reply_address_fits_before_the_at_and_survives_programs_that_change_case():
    address = addresses.reply_address(KEY, "forum.example", 2**50, 2**50)

    assert len(address.partition("@")[0]) <= 64
    assert address == address.lower()


@pytest.mark.parametrize("text", ["", "a" * 20, "a" * 40, "a" * 41, "ä" * 30, "1" * 30, "reply", "a" * 25])
def test_what_is_no_key_is_none(text):
    assert addresses.read_reply_key(KEY, text) is None


def test_a_key_with_one_letter_changed_is_none():
    key = addresses.reply_key(KEY, 123_456, 789)
    for at in range(len(key)):
        changed = key[:at] + ("a" if key[at] != "a" else "b") + key[at + 1 :]
        assert addresses.read_reply_key(KEY, changed) is None or at == len(key) - 1


@given(IDS, st.sampled_from(addresses.ACTS), st.sampled_from(["thread", "all", "digest"]), st.integers(0, 2**53))
def test_a_link_says_what_it_does(member_id, act, kind, target_id):
    click = Click(member_id, act, kind, target_id, 1_790_000_000)

    assert addresses.read_click(KEY, addresses.click_path(KEY, click).removeprefix("/mail/u/")) == click


@pytest.mark.parametrize(
    "change", [{"member_id": 8}, {"act": "pause"}, {"kind": "topic"}, {"target_id": 13}, {"made_at": 1_790_000_001}]
)
def test_a_link_does_nothing_else(change):
    seal = addresses.click_path(KEY, CLICK).rpartition("-")[2]
    words = addresses.click_path(KEY, replace(CLICK, **change)).rpartition("-")[0].removeprefix("/mail/u/")

    assert addresses.read_click(KEY, f"{words}-{seal}") is None
    assert addresses.read_click(OTHER, addresses.click_path(KEY, CLICK).removeprefix("/mail/u/")) is None


@pytest.mark.parametrize("text", ["", "x", "1-stop-thread-2-3-" + "a" * 22, "1-stop-thread-2-3", "-" * 50])
def test_what_is_no_link_is_none(text):
    assert addresses.read_click(KEY, text) is None


async def test_the_site_makes_one_secret_and_keeps_it(db, tools):
    found = await asyncio.gather(*(addresses.secret(tools) for _ in range(5)))
    addresses._kept.clear()

    assert {*found, await addresses.secret(tools)} == {await value(db, "SELECT secret FROM mail_secret")}
    assert len(found[0]) == 32


async def test_a_secret_that_was_set_wins(tools):
    one, two = (
        replace(tools, settings=Settings(base_url="http://forum.example", secret=letter * 32)) for letter in "xy"
    )

    assert await addresses.secret(one) != await addresses.secret(two) != await addresses.secret(tools)

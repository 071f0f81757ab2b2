"""A member takes everything along that the forum holds of them."""

import io
import json
import zipfile

import pytest

from forum.accounts.export import EXPORTS_A_DAY, export
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, TooMany
from forum.members.types import GUEST
from forum.votes.commands import vote
from forum.wiring import HOLDINGS
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as


def files(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_posts_marks_drafts_and_profile_are_in_the_file(db):
    ann = await a_member(db, name="Ann Lee", address="ann@pine.example")
    thread = await a_thread(db, author=ann, body="Which switch do you use?")
    answer = await a_reply(db, thread, body="The small one")
    await vote(db, ann, answer, is_helpful=True)
    await run(db, "INSERT INTO draft (member_id, key, fields) VALUES (:id, 'ask', '{\"body\": \"Unsent\"}')", id=ann.id)

    found = files(await export(db, ann, HOLDINGS))

    assert "ann@pine.example" in found["members/addresses.json"]
    assert [post["source"] for post in json.loads(found["threads/posts.json"])] == ["Which switch do you use?"]
    assert "Unsent" in found["threads/drafts.json"]
    assert [mark["number"] for mark in json.loads(found["votes/helpful.json"])] == [2]
    assert "ann.lee" in found["README.txt"]


async def test_what_they_may_no_longer_read_is_not_in_it(db):
    ann = await a_member(db, groups=["circle"])
    circle = await value(db, "SELECT g.id FROM member_group g WHERE g.slug = 'circle'")
    room = await a_category(db, read_by="groups", groups=[circle])
    await a_thread(db, category=room, author=ann, body="A secret of the circle")
    assert "A secret" in files(await export(db, ann, HOLDINGS))["threads/posts.json"]

    await run(db, "DELETE FROM group_member")

    assert not any("secret" in text for text in files(await export(db, ann, HOLDINGS)).values())


async def test_nothing_of_others_is_in_it(db):
    ann, ben = await a_member(db), await a_member(db, name="Ben Other", address="ben@secret.example")
    thread = await a_thread(db, author=ann)
    await a_reply(db, thread, author=ben, body="Words of Ben")

    everything = " ".join(files(await export(db, ann, HOLDINGS)).values())

    assert "Words of Ben" not in everything
    assert "ben@secret.example" not in everything


async def test_guests_have_nothing_and_ten_a_day_are_enough(db):
    ann = await a_member(db)
    with pytest.raises(Forbidden):
        await export(db, GUEST, HOLDINGS)
    for _ in range(EXPORTS_A_DAY):
        await export(db, ann, HOLDINGS)
    with pytest.raises(TooMany):
        await export(db, ann, HOLDINGS)


async def test_the_page_hands_out_the_file_only_soon_after_showing_who_one_is(db, web):
    ann = await sign_in_as(web, db, await a_member(db))

    answer = await web.post("/settings/account/export")

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{ann.handle}.zip"'
    assert "threads/posts.json" in files(answer.content)
    await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")
    assert (await web.post("/settings/account/export")).status_code == 403

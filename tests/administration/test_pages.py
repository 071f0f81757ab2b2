"""Terms and privacy: drafts until they are published, then versions that stay readable."""

import asyncio

import pytest

from forum.administration import commands
from forum.administration.texts import STARTING_TEXTS
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.site import queries
from forum.site.account import export
from forum.site.commands import agree
from tests.administration.acts import acts
from tests.factories import a_member, an_admin, sign_in_as


async def test_a_page_is_a_draft_that_nobody_sees_until_it_is_published(db, web):
    for path in ("/terms", "/privacy", "/terms/1", "/privacy/1"):
        assert (await web.get(path)).status_code == 404
    assert 'href="/terms"' not in (await web.get("/")).text
    assert await queries.published_terms(db) is None
    await sign_in_as(web, db, await an_admin(db))

    form = await web.get("/admin/pages/privacy")

    assert "This is a draft to start from, and nobody sees it." in form.text
    assert "[name and contact]" in form.text


async def test_what_is_published_is_linked_below_every_page(db, web):
    await sign_in_as(web, db, await an_admin(db))

    sent = await web.post("/admin/pages/terms", data={"body": "Be *kind*.", "seen": "0"})

    assert sent.status_code == 303
    web.cookies.clear()
    assert '<a href="/terms">Terms</a>' in (await web.get("/")).text
    page = await web.get("/terms")
    assert "<em>kind</em>" in page.text
    assert "Version 1" in page.text
    assert (await queries.published_terms(db)).version == 1
    assert 'href="/privacy"' not in page.text


async def test_versions_stay_readable_and_say_that_they_are_out_of_date(db, web):
    admin = await an_admin(db)
    for seen, body in enumerate(("One.", "Two.", "Two.", "Three.")):
        await commands.publish(db, admin, "terms", body, seen=min(seen, 2))

    old, new = await web.get("/terms/1"), await web.get("/terms")

    assert "One." in old.text
    assert "out of date" in old.text
    assert "Three." in new.text
    assert "out of date" not in new.text
    assert [each.version for each in await queries.page_versions(db, "terms")] == [3, 2, 1]
    assert [after for _, _, after in await acts(db)] == [{"version": number} for number in (1, 2, 3)]
    for path in ("/terms/0", "/terms/4", "/terms/99999999999", "/terms/x"):
        assert (await web.get(path)).status_code == 404


async def test_whoever_publishes_from_an_old_version_keeps_their_text_and_is_told(db, web):
    await commands.publish(db, await an_admin(db), "terms", "One.", seen=0)
    await sign_in_as(web, db, await an_admin(db))

    refused = await web.post("/admin/pages/terms", data={"body": "Mine.", "seen": "0"})

    assert refused.status_code == 422
    assert "Somebody published version 1 meanwhile" in refused.text
    assert "Mine." in refused.text
    assert (await queries.page(db, "terms")).body == "One."


async def test_publishing_the_same_at_the_same_moment_makes_one_version(db):
    admin = await an_admin(db)

    await asyncio.gather(*(commands.publish(db, admin, "terms", "One.", seen=0) for _ in range(6)))

    assert [each.version for each in await queries.page_versions(db, "terms")] == [1]
    assert len(await acts(db)) == 1


@pytest.mark.parametrize("body", ["", "  \n", "\u3164", "x" * 30_001])
async def test_a_page_that_will_not_do_is_refused(db, body):
    with pytest.raises(Invalid):
        await commands.publish(db, await an_admin(db), "terms", body, seen=0)

    assert await queries.published_terms(db) is None


async def test_there_are_no_other_pages_and_only_administrators_publish(db):
    with pytest.raises(NotFound):
        await commands.publish(db, await an_admin(db), "imprint", "One.", seen=0)
    with pytest.raises(Forbidden):
        await commands.publish(db, await a_member(db), "terms", "One.", seen=0)


async def test_a_version_that_is_not_recorded_is_not_published(db, monkeypatch):
    async def broken(*_):
        raise OSError

    monkeypatch.setattr(commands, "record", broken)
    with pytest.raises(OSError):  # noqa: PT011 - ours, and no other
        await commands.publish(db, await an_admin(db), "terms", "One.", seen=0)

    assert await queries.published_terms(db) is None


async def test_script_in_a_page_is_only_text(db, web):
    await commands.publish(db, await an_admin(db), "privacy", "<script>alert(1)</script> [x](javascript:x)", seen=0)

    page = (await web.get("/privacy")).text

    assert "<script>alert" not in page
    assert 'href="javascript' not in page


async def test_consent_is_kept_once_a_version(db):
    ann = await a_member(db)

    await asyncio.gather(*(agree(db, ann.id, version) for version in (1, 2, 1, 2)))

    assert [row["version"] for row in (await export(db, ann))["terms"]] == [1, 2]


def test_a_starting_text_has_no_line_ends_inside_its_sentences():
    for text in STARTING_TEXTS.values():
        assert [line for line in text.split("\n") if line and line[-1] not in ".].!" and line[0] != "#"] == []
        assert text.count("\n## ") > 4
        assert text.count("\n- ") > 2

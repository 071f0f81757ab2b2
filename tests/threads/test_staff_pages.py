"""The pages of staff: who gets them, what their forms do, where old addresses lead."""

import pytest

from forum.kit.db import run, value
from forum.threads import state
from forum.threads.merge import merge
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.masking import untokened
from tests.threads.recount import assert_counts_are_right

PAGES = ["/threads/{}/manage", "/threads/{}/split"]
FORMS = {
    "/threads/{}/set": {"act": "lock"},
    "/threads/{}/slow": {"seconds": "60"},
    "/threads/{}/move": {"category": "there"},
    "/threads/{}/merge": {"into": "1"},
    "/threads/{}/split": {"post_ids": "1", "title": "A new title it is", "category": "there"},
}


@pytest.fixture
async def here(db):
    return await a_category(db, slug="here")


@pytest.fixture
async def mod(db, web, here):
    return await sign_in_as(web, db, await a_member(db, moderates=[here]))


def entry_of(answer):
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].partition("undo=")[2].partition("#")[0])


def bare(answer):
    return untokened(answer.text).replace(answer.headers["x-request-id"], "ID")


async def test_staff_pages_are_there_for_staff_of_that_category_alone(db, web, here):
    await a_category(db, slug="there")
    thread = await a_thread(db, category=here)
    for rights in ({}, {"moderates": ["there"]}, {"role": "vendor"}):
        await sign_in_as(web, db, await a_member(db, **rights))
        for path in PAGES:
            there, nowhere = await web.get(path.format(thread)), await web.get(path.format(4_000_000_000))
            assert there.status_code == nowhere.status_code == 404
            assert bare(there) == bare(nowhere).replace("4000000000", str(thread))
        for path, fields in FORMS.items():
            assert (await web.post(path.format(thread), data=fields)).status_code == 404, path
    assert await value(db, "SELECT is_locked FROM thread WHERE id = :id", id=thread) is False


async def test_staff_without_a_second_factor_show_it_first(db, web, here):
    thread = await a_thread(db, category=here)
    await sign_in_as(web, db, await a_member(db, moderates=[here]), has_second_factor=False)

    asked = await web.get(f"/threads/{thread}/manage")
    sent = await web.post(f"/threads/{thread}/set", data={"act": "lock"})

    assert asked.headers["location"].startswith("/confirm/second-factor")
    assert sent.status_code == 403


async def test_locking_from_the_menu_offers_to_undo_it(db, web, here, mod):
    thread = await a_thread(db, category=here)
    assert f'action="/threads/{thread}/set"' in (await web.get(f"/t/{thread}")).text

    sent = await web.post(f"/threads/{thread}/set", data={"act": "lock"})

    page = await web.get(sent.headers["location"])
    assert f'action="/undo/{entry_of(sent)}"' in page.text
    assert "Unlock" in page.text
    again = await web.post(f"/threads/{thread}/set", data={"act": "lock"})
    assert "undo=" not in again.headers["location"]
    assert (await web.post(f"/threads/{thread}/set", data={"act": "explode"})).status_code == 422


async def test_moving_merging_and_splitting_by_form(db, web, here, mod):
    await a_category(db, slug="there", name="Over there")
    thread, into = await a_thread(db, category=here), await a_thread(db, category=here)
    replies = [await a_reply(db, into) for _ in range(2)]

    moved = await web.post(f"/threads/{thread}/move", data={"category": "there"})
    assert moved.headers["location"].startswith(f"/t/{thread}/")
    thread = await a_thread(db, category=here)
    merged = await web.post(f"/threads/{thread}/merge", data={"into": f"http://forum.example/t/{into}/x?after=0#p2"})
    assert merged.headers["location"].startswith(f"/t/{into}/")
    fields = {"post_ids": [str(post) for post in replies], "title": "Something else again", "category": "here"}
    split = await web.post(f"/threads/{into}/split", data=fields)
    assert "something-else-again?notice=done&undo=" in split.headers["location"]
    assert "Something else again" in (await web.get(split.headers["location"])).text
    await assert_counts_are_right(db)


async def test_what_is_wrong_comes_back_with_what_was_typed(db, web, here, mod):
    thread = await a_thread(db, category=here)
    reply = await a_reply(db, thread)

    merged = await web.post(f"/threads/{thread}/merge", data={"into": "/t/999"})
    split = await web.post(f"/threads/{thread}/split", data={"post_ids": str(reply), "title": "Oh", "category": "here"})
    unmoved = await web.post(f"/threads/{thread}/move", data={"category": "nowhere"})

    assert merged.status_code == split.status_code == unmoved.status_code == 422
    assert 'value="/t/999"' in merged.text
    assert f'value="{reply}" checked' in split.text
    assert 'value="Oh"' in split.text


async def test_hiding_asks_for_a_reason_and_says_who_hid_it(db, web, here, mod):
    ann, thread = await a_member(db), await a_thread(db, category=here)
    reply = await a_reply(db, thread, author=ann, body="Buy my thing.")

    asked = await web.get(f"/p/{reply}/delete")
    sent = await web.post(f"/p/{reply}/delete", data={"template": "It is advertising.", "reason": ""})

    assert "Hide post 2?" in asked.text
    assert entry_of(sent)
    await sign_in_as(web, db, ann)
    page = (await web.get(f"/t/{thread}")).text
    assert "hidden by staff" in page
    assert "It is advertising." in page
    assert "Hide" not in (await web.get(f"/p/{await a_reply(db, thread, author=ann)}/delete")).text


async def test_an_old_address_redirects_only_those_who_may_read_the_other(db, web, here):
    admin, hidden = await an_admin(db), await a_category(db, read_by="staff")
    thread, into = await a_thread(db, category=here), await a_thread(db, category=hidden, author=admin)
    await merge(db, admin, thread, into)
    old = await post_id(db, into, 1)

    await sign_in_as(web, db, admin)
    led = await web.get(f"/t/{thread}/why?x=1")
    assert led.status_code == 303
    assert led.headers["location"].startswith(f"/t/{into}/")
    assert (await web.get(f"/p/{old}")).status_code == 303
    for rights in ({}, {"role": "vendor"}, {"moderates": [here]}):
        await sign_in_as(web, db, await a_member(db, **rights))
        there, nowhere = await web.get(f"/t/{thread}"), await web.get("/t/4000000000")
        assert there.status_code == 404
        assert bare(there) == bare(nowhere).replace("4000000000", str(thread))


async def test_a_duplicate_shows_where_it_is_answered_to_those_who_may_read_that(db, web, here):
    admin, hidden = await an_admin(db), await a_category(db, read_by="staff")
    closed, locked = await a_thread(db, category=here), await a_thread(db, category=here)
    await a_reply(db, closed)
    answered = await a_thread(db, category=hidden, author=admin, title="The secret answer to it")
    await state.close_as_duplicate(db, admin, closed, answered)
    await state.lock(db, admin, locked)

    await sign_in_as(web, db, admin)
    assert "Answered in" in (await web.get(f"/t/{closed}")).text
    await sign_in_as(web, db, await a_member(db))
    page = await web.get(f"/t/{closed}")
    assert page.status_code == 200
    assert "Answered in" not in page.text
    assert f"/t/{answered}" not in page.text
    await run(db, "UPDATE category SET read_by = 'members' WHERE slug = :slug", slug=hidden)
    assert f'Answered in <a href="/t/{answered}/the-secret-answer-to-it">' in (await web.get(f"/t/{closed}")).text


async def test_a_duplicate_nobody_answered_leads_on_at_once(db, web, here):
    ann, admin = await a_member(db), await an_admin(db)
    closed, answered = await a_thread(db, category=here, author=ann), await a_thread(db, category=here)
    await state.close_as_duplicate(db, admin, closed, answered)

    await sign_in_as(web, db, await a_member(db))
    led = await web.get(f"/t/{closed}")
    assert led.headers["location"].startswith(f"/t/{answered}/")
    assert "You were led here" in (await web.get(led.headers["location"])).text
    assert (await web.get(f"/t/{closed}?stay=1")).status_code == 200
    await sign_in_as(web, db, ann)
    assert (await web.get(f"/t/{closed}")).status_code == 200


async def test_the_asker_closes_their_question_by_form(db, web, here):
    ann = await sign_in_as(web, db, await a_member(db))
    thread, answered = await a_thread(db, category=here, author=ann), await a_thread(db, category=here)
    assert f'href="/threads/{thread}/duplicate"' in (await web.get(f"/t/{thread}")).text

    wrong = await web.post(f"/threads/{thread}/duplicate", data={"of": "what?"})
    sent = await web.post(f"/threads/{thread}/duplicate", data={"of": str(answered)})

    assert wrong.status_code == 422
    assert 'value="what?"' in wrong.text
    assert entry_of(sent)
    assert (await web.get(f"/threads/{answered}/duplicate")).status_code == 403


async def test_a_reply_in_slow_mode_comes_back_with_its_words(db, web, here):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, category=here)
    await run(db, "UPDATE category SET slow_seconds = 3600")
    await a_reply(db, thread, author=ann)

    refused = await web.post(f"/t/{thread}/x", data={"body": "Twelve walnuts", "client_key": "k2"})

    assert refused.status_code == 403
    assert "Twelve walnuts" in refused.text
    assert "slow mode: you can reply again in 60 minutes" in refused.text.replace("59 minutes", "60 minutes")


# Many at once


async def test_many_threads_are_acted_on_at_once_and_undone_at_once(db, web, here, mod):
    await a_category(db, slug="there")
    threads = [await a_thread(db, category=here) for _ in range(3)]
    elsewhere = await a_thread(db, category="there")
    secret = await a_thread(db, category=await a_category(db, read_by="staff"), author=await an_admin(db))
    ids = [str(thread) for thread in (*threads, elsewhere, secret, 4_000_000_000)]
    assert f'value="{threads[0]}"' in (await web.get("/c/here/manage")).text

    for act in ("lock", "pin", "move", "hide"):
        sent = await web.post(
            "/c/here/manage", data={"act": act, "thread_ids": ids, "category": "there", "reason": "x"}
        )
        assert entry_of(sent), act
        assert await value(db, "SELECT count(*) FROM thread WHERE deleted_at IS NOT NULL OR is_locked") in (0, 3)
        undone = await web.post(f"/undo/{entry_of(sent)}", data={"next": "/c/here/manage"})
        assert undone.headers["location"] == "/c/here/manage?notice=undone", undone.text
        sql = """SELECT count(*) FROM thread t JOIN category c ON c.id = t.category_id
                 WHERE c.slug = 'here' AND t.deleted_at IS NULL"""
        assert await value(db, sql) == 3
    await assert_counts_are_right(db)


async def test_forbidden_ids_are_silently_left_out(db, web, here, mod):
    secret = await a_thread(db, category=await a_category(db, read_by="staff"), author=await an_admin(db))

    answers = [
        await web.post("/c/here/manage", data={"act": "lock", "thread_ids": [str(thread)]})
        for thread in (secret, 4_000_000_000)
    ]

    assert len({(answer.status_code, answer.headers["location"]) for answer in answers}) == 1
    assert await value(db, "SELECT is_locked FROM thread WHERE id = :id", id=secret) is False


async def test_what_cannot_be_done_to_many(db, web, here, mod):
    thread = await a_thread(db, category=here)
    hidden = await a_category(db, read_by="staff")
    for fields in (
        {"act": "lock"},
        {"act": "explode", "thread_ids": [str(thread)]},
        {"act": "move", "thread_ids": [str(thread)], "category": hidden},
        {"act": "hide", "thread_ids": [str(thread)], "reason": "x" * 201},
        {"act": "lock", "thread_ids": ["nonsense"]},
        {"act": "lock", "thread_ids": [str(n) for n in range(101)]},
    ):
        assert (await web.post("/c/here/manage", data=fields)).status_code in (413, 422), fields
    assert (await web.get("/c/nowhere/manage")).status_code == 404
    await sign_in_as(web, db, await a_member(db))
    assert (await web.get("/c/here/manage")).status_code == 404


# Links


async def test_vendors_see_names_that_lead_nowhere(db, web):
    category, ann = await a_category(db, lets_vendors_in=True), await a_member(db)
    thread = await a_thread(db, category=category, author=ann)

    await sign_in_as(web, db, await a_member(db, role="vendor"))
    assert f"/people/{ann.handle}" not in (await web.get(f"/t/{thread}")).text
    await sign_in_as(web, db, await a_member(db))
    assert f"/people/{ann.handle}" in (await web.get(f"/t/{thread}")).text


async def test_only_mentions_of_members_are_links(db, web):
    ann = await a_member(db)
    thread = await a_thread(db, body=f"Ask @{ann.handle} or @nobody.here, not `@{ann.handle}`.")

    html = await value(db, "SELECT html FROM post WHERE thread_id = :t", t=thread)

    assert html.count("<a ") == 1
    assert f'href="/people/{ann.handle}"' in html
    assert "@nobody.here" in html

"""Which forms want that one has just shown who one is: all but those that are named here (row 62)."""

import re

import pytest

from forum.kit.db import run, value
from forum.kit.posting import WITHOUT_TOKEN
from tests.factories import a_category, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.fields import forms
from tests.moderation.scenes import an_admin
from tests.routes import filled
from tests.test_strict_forms import rows_of, sample

# What members do all day, what signs in or confirms, and what staff do with posts: a second factor is enough there.
ORDINARY = re.compile(
    r"""
    /ask | /preview | /unread | /theme | /threads/order | /drafts(/drop)? | /held/.* | /flags/.* | /t/.* | /p/.*
    | /announcements/.*/dismiss | /settings | /settings/privacy | /settings/sessions/.*
    | /settings/security/passkeys/\{passkey_id:int\}/name
    | /sign-in(/.*)? | /sign-out | /join(/.*)? | /return/.* | /confirm/.* | /address/.*
    | /threads/\{thread_id:int\}/.* | /c/\{slug\}/manage | /moderation | /moderation/(items|words|members)/?.*
    | /renewals/(?!feed$).* | /products/suggest | /products/\{slug\}/(use|moved|ask|contact|review.*)
    | /events/.* | /follow/.* | /settings/following(/start|/links)? | /settings/digest | /notifications/.*
    | /searches(/.*)? | /asked/.* | /products/peers | /rounds/.*
    | /reviews/\{review_id:int\}/.* | /undo/.* | /people/\{handle\}/(un)?silence | /mail/take-back
    """,
    re.X,
)
FORMS = forms()
SENSITIVE = [
    path
    for path in FORMS
    if path not in WITHOUT_TOKEN and not path.startswith("/demo") and not ORDINARY.fullmatch(path)
]
ASKED = "Show once more that it is you"


@pytest.fixture
async def world(db, web):
    """An administrator whose session is older than ten minutes, and something of everything."""
    slug = await a_category(db)
    thread_id = await a_thread(db, category=slug)
    await a_reply(db, thread_id)
    admin = await sign_in_as(web, db, await an_admin(db))
    return {
        "thread_id": thread_id,
        "post_id": await post_id(db, thread_id, 2),
        "category_id": await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug),
        "handle": (await a_member(db)).handle,
        "category": slug,
        "session_id": admin.session_id,
    }


def is_asked_to_confirm(answer) -> bool:
    return answer.headers.get("location", "").startswith("/confirm") or (
        answer.status_code == 403 and ASKED in answer.text
    )


def sent_to(world, path) -> dict[str, str]:
    return {name: sample(world, name) for name in FORMS[path] if name != "token"}


async def test_after_ten_minutes_one_shows_again_who_one_is_before_anything_sensitive(db, web, world):
    await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")
    before = await rows_of(db)
    for path in SENSITIVE:
        answer = await web.post(filled(path, **world), data=sent_to(world, path))
        assert is_asked_to_confirm(answer), (path, answer.text[:300])
    assert await rows_of(db) == before


async def test_whoever_has_just_shown_it_is_not_asked(db, web, world):
    for path in SENSITIVE:
        await sign_in_as(web, db, await an_admin(db))
        answer = await web.post(filled(path, **world))
        assert not is_asked_to_confirm(answer), path


def test_what_is_sensitive_is_much():
    for path in (
        "/settings/account/export",
        "/settings/account/delete",
        "/settings/sign-in/addresses",
        "/settings/security/passkeys",
        "/admin/people/{member_id:int}/role",
        "/people/requests/{request_id:int}",
        "/people/invitations",
        "/topics/merge",
        "/people/{handle}/suspend",
    ):
        assert path in SENSITIVE
    assert len(SENSITIVE) >= 45

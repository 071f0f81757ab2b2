"""Administrators' pages are for administrators who have just shown that it is them; for all others there is nothing."""

import re

import pytest

from forum.chrome import NOTICES
from forum.kit.db import run
from forum.kit.site import TEMPLATES
from forum.site.types import PAGES
from forum.wiring import ROUTES
from tests.factories import a_category, a_member, an_admin, sign_in_as
from tests.routes import filled, requests

OURS = sorted((method, path) for method, path in requests(ROUTES) if path.split("/")[1] == "admin")
KEYS = {"method": "passkey", "slug": "terms"}


@pytest.mark.parametrize("role", ["guest", "member", "vendor", "moderator"])
async def test_for_others_they_are_not_there(db, web, role):
    if role == "moderator":
        await sign_in_as(web, db, await a_member(db, moderates=[await a_category(db)]))
    elif role != "guest":
        await sign_in_as(web, db, await a_member(db, role=role))

    for method, path in OURS:
        answer = await web.request(method, filled(path, **KEYS))
        assert answer.status_code == 404, (method, path)


async def test_without_a_second_factor_or_after_ten_minutes_it_is_asked_for_first(db, web):
    await sign_in_as(web, db, await an_admin(db), has_second_factor=False)
    for method, path in OURS:
        answer = await web.request(method, filled(path, **KEYS))
        assert answer.status_code == (303 if method == "GET" else 403), (method, path)
        if method == "GET":
            assert answer.headers["location"].startswith("/confirm/second-factor?next="), path

    await sign_in_as(web, db, await an_admin(db))
    await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")
    for method, path in OURS:
        answer = await web.request(method, filled(path, **KEYS))
        assert answer.status_code == (303 if method == "GET" else 403), (method, path)
        if method == "GET":
            assert answer.headers["location"].startswith("/confirm?next="), path


async def test_every_page_opens_for_an_administrator_and_stands_in_the_tabs(db, web):
    await sign_in_as(web, db, await an_admin(db))

    for method, path in OURS:
        if method == "GET" and "{" not in path.replace("{slug}", ""):
            page = await web.get(filled(path, **KEYS))
            assert page.status_code in (200, 404), path
            if page.status_code == 200 and path != "/admin/pages/{slug}":
                assert 'aria-label="Staff areas"' in page.text, path


async def test_one_entry_in_the_side_bar_leads_to_the_staff_pages(db, web):
    assert "Administration</a>" not in (await web.get("/")).text
    await sign_in_as(web, db, await a_member(db))
    assert "Administration" not in (await web.get("/")).text
    await sign_in_as(web, db, await a_member(db, moderates=[await a_category(db)]))
    assert '<a href="/moderation">Moderation' in (await web.get("/")).text
    await sign_in_as(web, db, await an_admin(db))
    assert '<a href="/admin">Administration' in (await web.get("/")).text
    assert '<a href="/admin" aria-current="page">Administration' in (await web.get("/admin/look")).text


def test_every_path_in_the_tabs_has_a_route():
    patterns = [route.path_regex for route in ROUTES]
    paths = re.findall(r'^    \("(/[^"]*)", "', (TEMPLATES / "_staff.html").read_text(), re.M)

    assert len(paths) > 8
    for path in paths:
        assert any(pattern.match(path) for pattern in patterns), path


async def test_secrets_of_the_settings_are_on_no_page(db, web, settings):
    await sign_in_as(web, db, await an_admin(db))
    secrets = [getattr(settings, name) for name in type(settings).model_fields if "secret" in name or "url" in name]

    for method, path in OURS:
        if method == "GET":
            page = (await web.get(filled(path, **KEYS))).text
            assert not [secret for secret in secrets if secret and secret != settings.base_url and secret in page], path


async def test_forms_take_no_field_that_is_not_theirs(db, web):
    await sign_in_as(web, db, await an_admin(db))
    for method, path in OURS:
        if method == "POST" and path.split("/")[2] in (
            "setup",
            "backups",
            "look",
            "logo",
            "features",
            "sign-in",
            "mail",
        ):
            answer = await web.post(filled(path, **KEYS), data={"is_set_up": "1"})
            assert answer.status_code in (404, 422), path


def test_the_pages_of_the_site_have_names():
    assert set(PAGES) == {"terms", "privacy"}
    assert {"announced", "taken-away", "published", "decided-job", "saved"} <= set(NOTICES)

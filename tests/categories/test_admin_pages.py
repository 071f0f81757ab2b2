"""The pages where categories are administered."""

import pytest

from forum.kit.db import value
from tests.factories import a_category, a_member, an_admin, sign_in_as

PAGES = ["", "/new", "/{}", "/{}/moderators", "/view-as", "/view-as?role=vendor", "/view-as?handle=nobody"]


@pytest.mark.parametrize("page", PAGES)
async def test_the_pages_are_there_for_administrators_only(db, web, page):
    slug = await a_category(db, name='"><img src=x onerror=alert(1)>', description="<script>")
    path = f"/admin/categories{page}".format(await value(db, "SELECT id FROM category"))

    await sign_in_as(web, db, await a_member(db, moderates=[slug]))
    assert (await web.get(path)).status_code == 404

    await sign_in_as(web, db, await an_admin(db))
    answer = await web.get(path)
    assert answer.status_code == (422 if "nobody" in page else 200)
    assert "<img src=x" not in answer.text


async def test_a_locked_category_shows_its_name_and_readers_and_no_more(db, web):
    await a_category(db, slug="circle", name="The circle", read_by="staff", seen_by="everyone")
    await a_category(db, slug="cellar", name="The cellar", read_by="staff")

    page = (await web.get("/c")).text

    assert "The circle" in page
    assert "Its moderators and administrators read it." in page
    assert "The cellar" not in page
    assert "/c/circle" not in page
    assert (await web.get("/c/circle")).status_code == 404

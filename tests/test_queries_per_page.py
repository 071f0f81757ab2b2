"""A page asks the database a fixed number of times, however much is on it."""

import re

import pytest

from forum.events.commands import come
from forum.kit import db as kit_db
from forum.members.queries import READER_ZONE
from forum.search.jobs import index_changes
from forum.threads.queries import HANDLE, POSTS, WORKS_FOR
from forum.threads.types import Post
from tests.events.scenes import an_event
from tests.factories import a_category, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.mail.digests.scenes import a_digest_reader
from tests.products.catalogue import a_product
from tests.products.reviews import a_review


@pytest.fixture
def asked(monkeypatch):
    """The statements the forum sends from here on."""
    statements = []
    bind = kit_db.bind

    def noting(sql):
        statements.append(sql)
        return bind(sql)

    monkeypatch.setattr(kit_db, "bind", noting)
    return statements


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 2),
        ("/unread", 2),
        ("/top", 2),
        ("/c/desk", 4),
        ("/topics", 2),
        ("/topics/wifi", 3),
        ("/t/{thread}", 10),  # the first time in ten minutes, when threads like it are looked for
        ("/ask", 4),
        ("/drafts", 3),
        ("/events", 2),
        ("/events/past", 2),
        ("/events/new", 4),
        ("/t/{event}", 13),  # as any thread, and the event, its post and its guests
        ("/events/{event}.ics", 2),
        ("/events/{event}/edit", 6),
        ("/settings", 2),
        ("/people", 2),
        ("/products?order=rating", 4),
        ("/products/compare?p=lantern&p=moss", 9),
        ("/products/compare?p=lantern&p=moss&p=fern&p=reed", 9),
        ("/products/compare.csv?p=lantern&p=moss&p=fern&p=reed", 9),
        ("/products/compare/packet?p=lantern&p=moss&p=fern&p=reed", 11),
        ("/renewals", 3),
        ("/renewals/months", 3),
        ("/renewals/others", 3),
        ("/searches", 2),
        ("/notifications", 2),
        ("/notifications/done", 2),
        ("/notifications/bell", 1),
        ("/settings/following", 6),  # names are asked for of each kind of thing that is followed
        ("/settings/following/start", 5),
        ("/follow/everything", 2),
        ("/p/{post}/why", 20),  # names of each kind of thing that a post belongs to
        ("/search?q=printer+filter", 15),  # its limit is counted, and each kind of thing is asked for
        ("/search/instant?q=pri", 12),
    ],
)
async def test_a_page_asks_only_so_often(db, web, tools, asked, path, most):
    ann = await sign_in_as(web, db, await a_member(db))
    category = await a_category(db, slug="desk")
    for _ in range(3):
        thread = await a_thread(db, category=category, topics="wifi")
        for _ in range(4):
            await a_reply(db, thread)
    for name in ("Lantern", "Moss", "Fern", "Reed"):
        await a_review(db, await a_product(db, name), works="Quick", price=4)
    for _ in range(3):
        event = await an_event(db, author=ann, category=category)
        await come(db, ann, event, is_coming=True)
    await index_changes(tools)
    post = await post_id(db, thread)
    asked.clear()

    page = await web.get(path.format(thread=f"{thread}/x", post=post, event=event))

    assert page.status_code == 200
    assert len(asked) <= most


async def test_the_page_of_ones_digest_asks_once_where_its_reader_is(db, web, asked):
    await sign_in_as(web, db, await a_digest_reader(db))
    await a_thread(db)
    asked.clear()

    assert (await web.get("/settings/digest")).status_code == 200

    assert len([each for each in asked if each.startswith(f"SELECT {READER_ZONE}")]) == 1


def test_the_columns_of_a_post_stand_in_the_order_of_its_fields():
    row = re.search(r"ROW\((.*)\)\s+FROM post", POSTS, re.S)[1]
    row = row.replace(HANDLE, "a.handle").replace(WORKS_FOR, "v.name")
    columns = [column.strip() for column in re.sub(r"coalesce\([^)]*\)", "coalesced", row).split(",")]
    known = {
        "a.id": "author_id",
        "a.handle": "author_handle",
        "a.name": "author_name",
        "a.title": "author_title",
        "a.role": "author_role",
        "v.name": "author_vendor",
        "d.name": "author_district",
        "d.enrolment": "author_enrolment",
        "coalesced": "is_deleted_by_author",
        "h.post_id IS NOT NULL": "is_mine_helpful",
    }

    assert tuple(known.get(column, column.removeprefix("p.")) for column in columns) == Post._fields

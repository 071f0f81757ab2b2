"""What a thing in a digest came by stands beside it, with a link that stops that and nothing else."""

import re
from html import unescape

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.zones import zone_of
from forum.mail.digests.previewing import preview, preview_text
from forum.members.types import MAX_NAME
from forum.notifications.jobs import notify_post
from tests.factories import a_category, a_member, a_reply, a_thread, post_id
from tests.following.scenes import follows, id_of, wishes
from tests.mail.digests.scenes import CHICAGO, a_digest_reader, digest_of, digests, ended, make_digests_now
from tests.mail.test_click import BARE, levels
from tests.products.catalogue import a_product
from tests.products.reviews import a_review


def stops(sent) -> list[tuple[str, str]]:
    """The words and the path of each thing's own link, as the plain text has them; the HTML has the same."""
    found = re.findall(r"^  (Stop .*):\n  http://forum\.example(/mail/u/\S+)$", sent.text.replace("\r\n", "\n"), re.M)
    html = unescape(sent.html)
    assert all(f'href="http://forum.example{path}"' in html and f">{words}</a>" in html for words, path in found)
    return found


@pytest.mark.parametrize(
    ("kind", "why", "words"),
    [
        ("topic", "Because you follow #wifi.", "Stop email about this topic"),
        ("category", "Because you follow The desk.", "Stop email about this category"),
        ("person", "Because you follow Ann Lee.", "Stop email about what this person writes"),
        ("thread", "", "Stop email about this thread"),
        ("everything", "Because you follow everything here.", "Stop following everything"),
    ],
)
async def test_each_thing_says_what_it_came_by_and_its_link_stops_that_alone(db, web, tools, kind, why, words):
    ann = await a_member(db, name="Ann Lee")
    slug = await a_category(db, name="The desk")
    thread = await a_thread(db, category=slug, author=ann, topics="wifi", title="Which access points?")
    ids = {
        "topic": await id_of(db, "topic", "wifi"),
        "category": await id_of(db, "category", slug),
        "person": ann.id,
        "thread": thread,
        "everything": 0,
    }
    other = await a_thread(db, title="Another one")
    reader = await a_digest_reader(db, (kind, ids[kind]))
    for followed in (thread, other):
        await a_reply(db, followed, author=ann, body="News of it.")
    sent = await digest_of(tools, reader)
    (link, *others) = stops(sent)
    assert link[0] == words
    assert kind in ("everything", "person") or others == []
    assert why in sent.text
    assert why in sent.html

    assert (await web.post(link[1], headers=BARE)).status_code == 200
    assert await levels(db, reader) == {kind: ("web", None)}
    await ended(db)
    await a_reply(db, thread, author=ann, body="More news of it.")
    assert (await digest_of(tools, reader)).text == ""


async def test_what_else_is_followed_goes_on_and_the_stop_is_taken_back_on_the_page(db, web, tools):
    slug = await a_category(db, name="The desk")
    await a_thread(db, category=slug, topics="wifi", title="Which access points?")
    await a_thread(db, category=slug, title="Which printers?")
    topic, category = await id_of(db, "topic", "wifi"), await id_of(db, "category", slug)
    reader = await a_digest_reader(db, ("topic", topic), ("category", category))
    links = dict(stops(await digest_of(tools, reader)))
    assert set(links) == {"Stop email about this topic", "Stop email about this category"}

    page = (await web.post(links["Stop email about this topic"], headers=BARE)).text
    assert await levels(db, reader) == {"topic": ("web", None), "category": ("digest", 1)}

    deed = re.search(r'name="deed" value="([^"]+)"', page)[1]
    await web.post("/mail/take-back", data={"deed": deed})
    assert await levels(db, reader) == {"topic": ("digest", 1), "category": ("digest", 1)}


async def test_of_two_threads_that_one_thing_brought_the_plain_text_has_the_link_once(db, tools):
    slug = await a_category(db, name="The desk")
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", slug)))
    for title in ("Which access points?", "Which printers?"):
        await a_thread(db, category=slug, title=title)

    sent = await digest_of(tools, reader)

    ((_, path),) = stops(sent)
    assert sent.html.count(f"http://forum.example{path}") == 2
    assert sent.text.count("Because you follow The desk.") == 2


async def test_what_is_made_once_for_many_holds_each_readers_own_links_alone(db, tools):
    slug = await a_category(db, name="The desk")
    followed = "category", await id_of(db, "category", slug)
    readers = [await a_digest_reader(db, followed) for _ in range(3)]
    await a_thread(db, category=slug)
    await make_digests_now(db)

    made = await digests(tools)

    for reader in readers:
        sent = made[reader.id]
        assert len(stops(sent)) == 1
        assert set(re.findall(r"/mail/u/(\d+)-", sent.text + sent.html)) == {str(reader.id)}


async def test_a_mention_has_a_link_that_stops_mentions_and_is_not_explained_twice(db, web, tools):
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], mentioned="digest")
    await follows(db, reader, "thread", 10**9, "digest")
    handle = await value(db, "SELECT m.handle FROM member m WHERE m.id = :id", id=reader.id)
    thread = await a_thread(db, body=f"I think @{handle} knows.")
    await notify_post(tools, await post_id(db, thread))
    sent = await digest_of(tools, reader)
    assert "Because" not in sent.text

    ((words, path),) = stops(sent)
    await web.post(path, headers=BARE)

    assert words == "Stop email about mentions of you"
    assert await value(db, "SELECT w.mentioned FROM mail_wish w WHERE w.member_id = :id", id=reader.id) == "web"


async def test_what_came_by_nothing_that_is_followed_has_no_such_link(db, tools):
    await a_product(db, "Lantern")
    reader = await a_digest_reader(db, ("thread", 10**9))
    district_id = await add_district(db, "Oak")
    await run(db, "UPDATE member SET district_id = :district_id WHERE id = :id", district_id=district_id, id=reader.id)
    await run(db, "INSERT INTO product_use (product_id, district_id) SELECT pr.id, :id FROM product pr", id=district_id)
    await a_review(db, "lantern")

    sent = await digest_of(tools, reader)

    assert "Lantern, " in sent.text
    assert stops(sent) == []


async def test_a_long_name_with_marks_stays_a_name(db, tools):
    ann = await a_member(db, name=("Ann <b>Lee</b> " * 9)[:MAX_NAME].strip())
    reader = await a_digest_reader(db, ("person", ann.id))
    await a_thread(db, author=ann)

    sent = await digest_of(tools, reader)

    assert len(stops(sent)) == 1
    assert "<b>Lee" not in sent.html
    assert all(len(line) <= 72 for line in sent.text.splitlines() if "http" not in line)


async def test_who_looks_at_a_preview_sees_why_and_no_link_that_is_the_readers_own(db, tools):
    slug = await a_category(db, name="The desk")
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", slug)))
    await a_thread(db, category=slug)
    zone = zone_of(CHICAGO, CHICAGO)

    page, text = await preview(tools, reader.id, zone), await preview_text(tools, reader.id, zone)

    assert [(item.why, item.stop_url) for block in page.blocks for item in block.items] == [
        ("Because you follow The desk.", "")
    ]
    assert "Because you follow The desk." in text
    assert "/mail/u/" not in text

"""The demo community: its files fit together, and loading them makes a forum that could have grown by itself."""

from collections import Counter
from pathlib import Path

import pytest

from forum.demo import queries as demo_queries
from forum.demo.commands import load_demo
from forum.demo.community import HERE, Mistake, read_community
from forum.events import queries as events
from forum.following import queries as following
from forum.following.quiet import quiet_times
from forum.kit.db import connect, rows, value
from forum.kit.errors import NotFound
from forum.kit.scores import confidence
from forum.members import queries as members
from forum.members.types import GUEST
from forum.notifications import queries as notifications
from forum.products import queries as products
from forum.products.types import Sought
from forum.renewals import round_queries, tending
from forum.search.asking import most_asked, most_missed
from forum.search.saving import saved_searches
from forum.threads import queries
from forum.threads.commands import recount
from forum.threads.drafts import drafts
from forum.threads.lists import Place, Selection, place_behind, threads
from tests.conftest import empty


@pytest.fixture(scope="module")
async def demo(database_url):
    """The loaded community, for tests that only read."""
    async with connect(database_url) as db:
        await load_demo(db)
        yield db
        await empty(db)


@pytest.fixture(scope="module")
def files():
    return read_community()


async def person(db, handle):
    return await members.actor(db, (await members.person(db, handle)).id)


async def seen(db, actor, order="latest"):
    found, place = [], Place()
    while page := await threads(db, actor, Selection(order), place):
        found += page
        place = Place.from_text(place_behind(page[-1], order))
    return found


def test_the_files_hold_what_is_promised(files):
    counts = {name: len(getattr(files, name)) for name in ("districts", "members", "categories", "threads")}

    assert counts == {"districts": 24, "members": 60, "categories": 10, "threads": 300}
    assert [each.slug for each in files.categories if each.read == "groups"] == ["security-leads"]
    assert [each.slug for each in files.categories if each.reply == "staff"] == ["announcements"]
    assert [each.slug for each in files.categories if each.vendors] == ["ratings", "events"]
    assert len({each.handle for each in files.members}) == 60
    assert len({each.title for each in files.threads}) == 300


MISTAKES = [
    ('by = "mina.asgari"', 'by = "nobody.here"', "help, “Casting .*: nobody is called nobody.here"),
    ('"cameras"', '"unheard-of"', "there is no topic unheard-of"),
    ("after_hours = 0.4", "after_hours = 99999", "not in the order of their times"),
    ("accepted = 1", "accepted = 40", "there is no reply 40 to accept"),
    ("helpful = ", "helpfull = ", "helpfull"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), MISTAKES)
def test_a_mistake_in_the_files_is_told_with_its_place(tmp_path, right, wrong, told):
    copy_files(tmp_path, "help.toml", right, wrong)

    with pytest.raises(Mistake, match=told):
        read_community(tmp_path)


def test_a_file_of_threads_without_a_category_is_a_mistake(tmp_path):
    copy_files(tmp_path, "help.toml", "", "")
    (tmp_path / "threads" / "lunch.toml").write_text("")

    with pytest.raises(Mistake, match="there is no category lunch"):
        read_community(tmp_path)


def copy_files(folder: Path, name: str, right: str, wrong: str) -> None:
    (folder / "threads").mkdir()
    for file in (*HERE.glob("*.toml"), *HERE.glob("threads/*.toml")):
        text = file.read_text()
        assert file.name != name or right in text
        (folder / file.relative_to(HERE)).write_text(text.replace(right, wrong) if file.name == name else text)


async def test_loading_twice_changes_nothing(demo):
    before = await everything(demo)

    assert await load_demo(demo) is False
    assert await everything(demo) == before


async def everything(db) -> dict[str, int]:
    names = (
        "district",
        "member",
        "category",
        "topic",
        "thread",
        "post",
        "helpful_vote",
        "read_mark",
        "draft",
        "review",
    )
    return {name: await value(db, f"SELECT count(*) FROM {name}") for name in names}


async def test_all_of_it_is_there(demo, files):
    found = await everything(demo)

    rated = await value(demo, "SELECT count(*) FROM product pr WHERE pr.review_thread_id IS NOT NULL")
    asked = await value(demo, "SELECT count(*) FROM review_round")
    owned = await value(demo, "SELECT (SELECT count(*) FROM switch_story) + (SELECT count(*) FROM owner_question)")
    heard = await value(demo, "SELECT count(*) FROM round_answer") + 1  # and the summary of the closed one
    stand_ins = await value(demo, "SELECT count(*) FROM member m WHERE m.state = 'unnamed'")
    answers = await value(demo, "SELECT count(*) FROM vendor_answer")
    assert (found["district"], found["member"], found["category"]) == (24, 60 + stand_ins, 10)
    assert (found["thread"], found["topic"], found["draft"]) == (300 + rated + asked + owned, len(files.topics), 2)
    said = sum(len(each.replies) for each in files.threads) + found["review"] + answers + heard
    assert found["post"] == found["thread"] + said
    assert found["helpful_vote"] == sum(reply.helpful for each in files.threads for reply in each.replies)


async def test_threads_are_in_every_state(demo):
    states = await rows(
        demo,
        """
        SELECT count(*) FILTER (WHERE t.is_pinned) AS pinned,
               count(*) FILTER (WHERE t.is_locked) AS locked,
               count(*) FILTER (WHERE t.deleted_at IS NOT NULL AND t.delete_reason <> '') AS deleted,
               count(*) FILTER (WHERE t.accepted_post_id IS NOT NULL) AS answered,
               count(*) FILTER (WHERE t.kind = 'question' AND t.reply_count = 0) AS unanswered,
               (SELECT count(*) FROM post p WHERE p.deleted_at IS NOT NULL AND p.deleted_by = p.author_id) AS withdrawn,
               (SELECT count(*) FROM post p WHERE p.deleted_at IS NOT NULL AND p.deleted_by <> p.author_id) AS removed,
               (SELECT count(*) FROM post p WHERE p.edited_at IS NOT NULL AND p.version = 2) AS edited
        FROM thread t
        """,
    )

    assert all(count >= 3 for count in states[0].values())


async def test_every_count_equals_a_recount(demo):
    counted = """
        SELECT t.id, t.reply_count, t.helpful_count, t.score, t.last_number, t.active_at FROM thread t ORDER BY t.id
    """
    before = await rows(demo, counted)
    for thread in before:
        await recount(demo, thread["id"])

    assert [dict(row) for row in await rows(demo, counted)] == [dict(row) for row in before]
    assert (
        await value(
            demo,
            """
        SELECT count(*) FROM category c
        WHERE c.thread_count <> (SELECT count(*) FROM thread t WHERE t.category_id = c.id AND t.deleted_at IS NULL)
        """,
        )
        == 0
    )
    assert (
        await value(
            demo,
            """
        SELECT count(*) FROM thread t
        WHERE t.next_number <> (SELECT max(p.number) + 1 FROM post p WHERE p.thread_id = t.id)
        """,
        )
        == 0
    )


async def test_helpful_counts_are_the_marks_of_others_who_may_read(demo):
    posts = await rows(
        demo,
        """
        SELECT p.helpful_count, p.confidence, count(v.member_id) AS marks,
               coalesce(bool_or(v.member_id = p.author_id OR m.role = 'vendor'), false) AS is_wrong,
               coalesce(bool_or(v.created_at < p.created_at OR v.created_at > now()), false) AS is_untimely
        FROM post p
        LEFT JOIN helpful_vote v ON v.post_id = p.id
        LEFT JOIN member m ON m.id = v.member_id
        GROUP BY p.id
        """,
    )
    readers = await demo_queries.readers(demo)
    circle = await rows(
        demo,
        """
        SELECT DISTINCT m.handle FROM helpful_vote v
        JOIN member m ON m.id = v.member_id
        JOIN post p ON p.id = v.post_id
        JOIN thread t ON t.id = p.thread_id
        JOIN category c ON c.id = t.category_id
        WHERE c.slug = 'security-leads'
        """,
    )

    assert all(post["helpful_count"] == post["marks"] for post in posts)
    assert all(post["confidence"] == pytest.approx(confidence(post["marks"], 0)) for post in posts)
    assert not any(post["is_wrong"] or post["is_untimely"] for post in posts)
    assert {row["handle"] for row in circle} <= set(readers["security-leads"])


async def test_nothing_happens_before_it_can_or_after_now(demo):
    wrong = await rows(
        demo,
        """
        SELECT p.id FROM post p JOIN thread t ON t.id = p.thread_id JOIN member a ON a.id = p.author_id
        WHERE p.created_at < t.created_at OR p.created_at < a.created_at AND a.state <> 'unnamed'
           OR greatest(p.created_at, p.edited_at, p.deleted_at, t.accepted_at, t.deleted_at, t.active_at) > now()
           OR least(p.edited_at, p.deleted_at) < p.created_at
        """,
    )

    assert [row["id"] for row in wrong] == []


async def test_guests_vendors_and_the_circle_see_only_what_they_may(demo):
    tess, maya, hank, omar, ines = [
        await person(demo, handle)
        for handle in ("tess.halloran", "maya.okafor", "hank.osei", "omar.haddad", "ines.varga")
    ]

    categories = {actor: {row.category_slug for row in await seen(demo, actor)} for actor in (GUEST, tess, maya, hank)}

    assert categories[GUEST] == {"help", "announcements"}
    assert categories[tess] <= {"events", "ratings"}
    assert categories[hank] - categories[maya] == {"security-leads"}
    assert len([row for row in await seen(demo, ines) if row.category_slug != "ratings"]) == 297
    assert not any(row.category_slug == "security-leads" for row in await seen(demo, omar))


async def test_a_deleted_thread_is_there_only_for_its_author_and_staff(demo):
    thread_id = await value(demo, "SELECT t.id FROM thread t WHERE t.title LIKE 'ClassDeck spring bundle%'")
    jules, omar, maya = [await person(demo, name) for name in ("jules.marchetti", "omar.haddad", "maya.okafor")]

    assert (await queries.thread(demo, jules, thread_id)).delete_reason.startswith("Advertising")
    assert (await queries.thread(demo, omar, thread_id)).is_staff
    with pytest.raises(NotFound):
        await queries.thread(demo, maya, thread_id)


async def test_maya_has_unread_threads_and_some_to_resume(demo):
    maya = await person(demo, "maya.okafor")

    unread = await seen(demo, maya, "unread")
    recent = [row for row in await seen(demo, maya) if row.active_at > unread[-1].active_at]

    assert 10 <= len(unread) < len(recent) * 0.6
    assert len([row for row in unread if row.read_number]) >= 5
    assert {draft.key.partition(":")[0] for draft in await drafts(demo, maya)} == {"ask", "thread"}


async def test_the_newcomer_has_nothing_old_to_catch_up_with(demo):
    unread = await seen(demo, await person(demo, "ben.lindqvist"), "unread")
    assert len([row for row in unread if row.category_slug != "ratings"]) <= 1


async def test_an_edited_reply_shows_what_it_said_before(demo, files):
    edited = Counter(reply.before for each in files.threads for reply in each.replies if reply.edited)
    ines = await person(demo, "ines.varga")
    found = Counter()
    for row in await rows(demo, "SELECT p.id FROM post p WHERE p.edited_at IS NOT NULL"):
        found.update(each.source for each in await queries.revisions(demo, ines, row["id"]))

    assert found == edited


async def test_people_wait_at_the_door(demo):
    assert [each.name for each in await members.join_requests(demo)] == ["Nora Feeney", "Rob Castellan"]
    assert [each.address for each in await members.invitations(demo)] == ["nadia.karim@fallowriver.example"]


async def test_members_have_addresses_of_their_districts(demo):
    strangers = await rows(
        demo,
        """
        SELECT e.address FROM member m
        JOIN member_email e ON e.member_id = m.id
        LEFT JOIN district_domain d ON d.district_id = m.district_id AND e.address = m.handle || '@' || d.domain
        WHERE d.domain IS NULL
        ORDER BY e.address
        """,
    )

    assert [row["address"] for row in strangers] == [
        "jules.marchetti@classdeck.example",
        "tess.halloran@northgate.example",
    ]


async def test_posts_are_rendered_markdown(demo):
    unrendered = await value(
        demo,
        """
        SELECT count(*) FROM post p
        WHERE p.format NOT IN ('markdown', 'form')
           OR p.source LIKE '%@yuki.tanabe%' AND p.html NOT LIKE '%href="/people/yuki.tanabe"%'
        """,
    )

    assert unrendered == 0


async def test_districts_keep_contracts_that_end_over_the_next_fourteen_months(demo):
    found = await rows(
        demo,
        """
        SELECT n.ends_on - current_date AS days, n.district_id, n.product_id, n.visibility, n.ends_on
        FROM contract n
        """,
    )

    assert 80 <= len(found) <= 260
    assert all(-1 <= row["days"] <= 430 for row in found)
    assert len({row["district_id"] for row in found}) >= 14
    assert len({row["product_id"] for row in found}) >= 20
    assert {row["visibility"] for row in found} == {"us", "staff", "members"}
    assert len({row["ends_on"].replace(day=1) for row in found}) >= 12


async def test_forty_products_of_ten_kinds_are_run_by_districts_and_two_vendors_see_their_own(demo):
    maya, tess = await person(demo, "maya.okafor"), await person(demo, "tess.halloran")
    found = await products.products(demo, maya, Sought())

    assert (len(found), len({row.category_name for row in found})) == (40, 10)
    assert sum(row.districts > 0 for row in found) >= 30
    assert [row.name for row in await products.products(demo, tess, Sought())] == ["NorthGate Filter"]
    assert await value(demo, "SELECT count(*) FROM product_suggestion") == 1


async def test_forty_products_have_up_to_25_reviews_each_with_scores_prices_and_an_answer(demo):
    counted = await rows(
        demo,
        """
        SELECT count(rv.id) AS reviews FROM product pr LEFT JOIN review rv ON rv.product_id = pr.id
        GROUP BY pr.id ORDER BY pr.id
        """,
    )
    found = await rows(
        demo,
        """
        SELECT (SELECT count(*) FROM product_score s WHERE s.score IS NOT NULL) AS scored,
               (SELECT count(DISTINCT b.product_id) FROM price_block b) AS priced,
               (SELECT count(*) FROM vendor_answer) AS answers,
               (SELECT count(*) FROM review rv WHERE rv.is_unnamed) AS unnamed
        """,
    )

    counts = [row["reviews"] for row in counted]
    assert (len(counts), min(counts), max(counts)) == (40, 0, 25)
    least = {"scored": 30, "priced": 5, "answers": 1, "unnamed": 50}
    assert {name: found[0][name] for name in least if found[0][name] < least[name]} == {}


async def test_one_round_is_open_and_one_closed_with_its_decision(demo):
    maya = await person(demo, "maya.okafor")
    found = await round_queries.rounds(demo, maya)

    assert [(each.product_name, each.is_closed, each.decision_words) for each in found] == [
        ("NorthGate Filter", False, ""),
        ("Classlight", True, "We switched to another product: GlassRoom"),
    ]
    assert await tending.open_due(demo, "UTC") == 0


async def test_events_are_to_come_and_digests_tell_of_those_that_are_near(demo):
    maya = await person(demo, "maya.okafor")
    coming = await events.coming(demo, maya)

    assert [each.title.split(":")[0] for each in coming][-1] == "Summer conference"
    assert len(coming) == 4
    assert [each.title.split(":")[0] for each in await events.past(demo, maya)] == ["NorthGate Networks open hour"]
    assert len(await events.coming(demo, await person(demo, "tess.halloran"))) == 3
    assert sum(each.is_coming for each in coming) == 1


async def test_people_follow_what_is_there_and_it_will_be_quiet(demo):
    maya = await person(demo, "maya.okafor")
    followed = await following.followed(demo, maya)

    assert [(each.kind, each.name, each.level) for each in followed] == [
        ("category", "E-rate & funding", "digest"),
        ("topic", "#wifi", "muted"),
        ("topic", "#security-funding", "digest"),
        ("topic", "#renewals", "each"),
        ("product", "NorthGate Filter", "digest"),
        ("search", "Before we renew the filter", "digest"),
        ("person", "Priya Nair", "web"),
    ]
    assert len(await following.followed_threads(demo, maya)) > 3
    assert [each.name for each in await quiet_times(demo)] == ["Winter break"]


async def test_something_is_new_for_the_people_one_can_be(demo):
    lines = await notifications.new_lines(demo, await person(demo, "maya.okafor"))

    assert len(lines) > 5
    assert {"topic", "product"} <= {line.reason for line in lines}
    assert any(line.accepted_number for line in await everybodys_news(demo))
    assert await value(demo, "SELECT count(*) FROM notification n WHERE n.changed_at > now()") == 0


async def everybodys_news(demo):
    handles = await rows(demo, "SELECT m.handle FROM member m JOIN notification n ON n.member_id = m.id")
    return [line for row in handles for line in await notifications.new_lines(demo, await person(demo, row["handle"]))]


async def test_searches_are_kept_and_what_was_looked_for_in_vain_is_seen(demo):
    kept = await saved_searches(demo, await person(demo, "maya.okafor"))

    assert [(each.title, each.level) for each in kept] == [
        ("kind:review classroom management", "none"),
        ("Before we renew the filter", "digest"),
    ]
    assert [each.words for each in await most_missed(demo)][:2] == ["chromecart", "wifi 7"]
    assert (await most_asked(demo))[0].words == "content filter renewal"

"""What members and vendors keep to themselves is found by no word and no filter, also before any job has run."""

from dataclasses import replace
from functools import partial

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.members import profile
from forum.members.types import GUEST, Privacy, ProfileDraft
from forum.products import reviewing
from forum.search import postgres_engine
from forum.search.finding import find, find_instantly
from forum.search.found_types import Results
from forum.search.likeness import alike
from forum.search.parsing import parse
from forum.threads import delete, queries
from forum.threads.similar import similar_threads
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin
from tests.products.catalogue import a_product, a_vendor_account
from tests.products.reviews import a_draft, a_reviewer
from tests.search.hidden import every_key

ENGINES = ["up to date", "behind", "telling everything"]


@pytest.fixture(params=ENGINES)
def settled(request, indexed, monkeypatch):
    """Called before and after something changes: an engine that follows, one that does not, one that tells all."""
    left = iter([True, request.param == "up to date"])

    async def settle() -> None:
        if next(left):
            await indexed()
        if request.param == "telling everything":
            monkeypatch.setattr(postgres_engine, "ranked", every_key)

    return settle


async def paths(tools, actor, text, kind="") -> set[str]:
    found = await find(tools, actor, parse(text))
    return {hit.path.partition("#")[0] for hit in found.hits if kind in ("", hit.kind)}


async def everything_said(tools, actor, text) -> str:
    typing = await find_instantly(tools, actor, parse(text, is_typing=True))
    return repr([await find(tools, actor, parse(text)), typing]).replace(text, "TEXT")


async def test_who_takes_their_name_off_a_review_is_found_with_it_by_nobody(db, tools, settled):
    ann, admin = await a_reviewer(db, name="Ann Quill"), await an_admin(db)
    product = await a_product(db, "Glowlamp")
    await reviewing.review(db, ann, product, a_draft(works="It glows all night"))
    await settled()
    readers = [ann, admin, await a_member(db), await a_vendor_account(db), GUEST]

    await reviewing.review(db, ann, product, replace(a_draft(works="It glows all night"), is_unnamed=True, version=1))
    await settled()

    for reader in readers:
        for name in (ann.handle, "ann quill", f"@{ann.handle}"):
            assert await paths(tools, reader, f'by:"{name}"', "post") == set()
            assert await paths(tools, reader, f'glows by:"{name}"', "post") == set()
        for text in ("glows all night", "glowlamp", "kind:review", f"product:{product}", "kind:thread"):
            found = await find(tools, reader, parse(text))
            assert "Quill" not in repr([hit for hit in found.hits if hit.kind != "person"]), text
    assert any("glow" in path for path in await paths(tools, admin, "glows night", "post"))


async def test_what_members_keep_back_finds_them_for_nobody(request, db, tools, settled):
    is_told_everything = "everything" in request.node.name
    pine = await add_district(db, "Pinewood")
    ann = await a_member(db, name="Ann Quill", district_id=pine)
    await profile.change_profile(db, ann, ProfileDraft("Ann Quill", "Falconer", "I keep otters."))
    readers = [ann, await an_admin(db), await a_member(db), await a_member(db, role="vendor"), GUEST]
    await settled()

    await profile.change_privacy(db, ann, Privacy(title_for="nobody", about_for="staff", district_for="nobody"))
    await settled()

    assert await value(db, "SELECT x.title FROM member_privacy x") == "Falconer"
    for reader in readers:
        for word in ("falconer", "otters", "pinewood"):
            said = await everything_said(tools, reader, word)
            assert "Quill" not in said or is_told_everything, (word, reader.role)
            assert word not in said.lower(), (word, reader.role)


async def test_since_when_somebody_is_here_finds_and_orders_nobody(db, tools, indexed):
    reader = await a_member(db)
    members = [await a_member(db, name=name) for name in ("Ann Quill", "Ben Quill", "Cal Quill", "Dot Quill")]
    await run(db, "UPDATE member SET created_at = now() - interval '4 years'")
    await indexed()
    before = await found_people(tools, reader)

    await profile.change_privacy(db, members[0], Privacy(joined_for="nobody"))
    await run(db, "UPDATE member SET created_at = now() - (id % 9) * interval '1 year'")
    await run(db, "INSERT INTO search_change (source, ref_id) SELECT 'member', id FROM member")
    await indexed()

    assert await found_people(tools, reader) == before
    for time in ("1d", "1y", "2020", "2001"):
        assert await paths(tools, reader, f"kind:person after:{time}") == set()


async def found_people(tools, reader) -> list[list[str]]:
    found = [await find(tools, reader, parse(text)) for text in ("kind:person", "quill", "kind:person quill")]
    return [[hit.path for hit in results.hits if hit.kind == "person"] for results in found]


@pytest.mark.parametrize("state", ["suspended", "deactivated", "deleted", "unclaimed"])
async def test_who_is_not_here_any_more_is_as_if_they_never_were(db, tools, settled, state):
    ann, category = await a_member(db, name="Quillfeather"), await a_category(db, read_by="staff")
    moderator = await a_member(db, moderates=[category])
    thread = await a_thread(db, category=category, author=moderator)
    await run(db, "UPDATE post SET author_id = :ann", ann=ann.id)
    gone = await a_reply(db, await a_thread(db), author=ann, body="Otters")
    await delete.delete(db, ann, gone, "")
    await settled()

    await run(db, "UPDATE member SET state = :state WHERE id = :id", state=state, id=ann.id)
    await settled()

    for reader in (await a_member(db), await a_member(db, role="vendor"), GUEST):
        for text in ("{}", 'by:"{}"', 'otters by:"{}"', "kind:person {}"):
            said = [await everything_said(tools, reader, text.format(name)) for name in ("Quillfeather", "Nettlebrook")]
            assert said[0].replace("Quillfeather", "X") == said[1].replace("Nettlebrook", "X"), (text, reader.role)
    if state not in ("deleted",):
        assert await paths(tools, moderator, 'by:"quillfeather"', "post") == {f"/t/{thread}/why-does-the-printer-print"}


async def test_a_product_is_there_for_its_own_vendor_and_for_members_only(db, tools, settled):
    await a_vendor_account(db, vendor="NorthGate")
    other = await a_vendor_account(db, vendor="Beacon")
    await a_product(db, "Glowlamp", vendor="NorthGate", about="Shines.", other_names="Moonbeam")
    await a_product(db, "Dimmer", vendor="Beacon")
    await settled()
    await settled()

    for reader in (other, GUEST):
        for text in ("{}", 'product:"{}"', "kind:product {}", "kind:vendor {}"):
            for hidden, missing in (("Glowlamp", "Darklamp"), ("Moonbeam", "Sunbeams"), ("NorthGate", "SouthGate")):
                said = [await everything_said(tools, reader, text.format(name)) for name in (hidden, missing)]
                assert said[0].replace(hidden, "NAME") == said[1].replace(missing, "NAME"), (text, hidden)
    assert await paths(tools, await a_member(db), "kind:product glowlamp") >= {"/products/glowlamp"}
    assert await paths(tools, other, "kind:product dimmer") >= {"/products/dimmer"}


async def test_another_vendors_name_for_something_does_not_stand_before_ones_own(db, tools):
    other = await a_vendor_account(db, vendor="Beacon")
    mine = await a_product(db, "Lamp Of Wonder", vendor="Beacon", other_names="Glowlamp")
    taken = await a_product(db, "Something", vendor="NorthGate")
    await run(
        db,
        "INSERT INTO product_address (slug, product_id) SELECT 'glowlamp', id FROM product WHERE slug = :slug",
        slug=taken,
    )

    found: Results = await find(tools, other, parse("product:glowlamp"))

    assert found.problems == ()
    assert mine


async def test_a_topic_tells_nothing_of_threads_its_reader_may_not_read(db, tools, indexed):
    closed = await a_category(db, read_by="staff")
    moderator, reader = await a_member(db, moderates=[closed]), await a_member(db)
    await a_thread(db, title="An open one", topics="otters", days_ago=900)
    await indexed()
    texts = ("otters", "kind:topic", "kind:topic after:1y", "topic:otters", "kind:topic after:2001", "topic:badgers")
    before = [await everything_said(tools, reader, text) for text in texts]

    await a_thread(db, category=closed, author=moderator, topics="otters badgers")
    await run(db, "INSERT INTO search_change (source, ref_id) SELECT 'topic', id FROM topic")
    await indexed()

    assert [await everything_said(tools, reader, text) for text in texts] == before
    assert await paths(tools, moderator, "topic:badgers", "post")


async def test_threads_that_are_not_for_a_reader_leave_them_no_fewer_of_their_own(db, tools, indexed):
    closed = await a_category(db, read_by="staff")
    moderator, reader = await a_member(db, moderates=[closed]), await a_member(db)
    title = "How do you print the yearly timetable"
    beside = await a_thread(db, title=title)
    for number in range(30):
        await a_thread(db, category=closed, author=moderator, title=f"{title}, {number}?")
    for number in range(3):
        await a_thread(db, title=f"Print a timetable {number}")
    await indexed()
    asks = partial(alike, tools)

    beside_it = {who: (await queries.reading(db, who, beside, alike=asks)).similar for who in (moderator, reader)}
    while_asking = await similar_threads(db, reader, title, asks)

    assert len(beside_it[moderator]) == 5
    assert [thread.title for thread in beside_it[reader]] == [
        thread.title for thread in while_asking if thread.id != beside
    ]
    assert {thread.title[:17] for thread in beside_it[reader]} == {"Print a timetable"}
    assert len(beside_it[reader]) == 3


@pytest.mark.parametrize("who", ["guest", "vendor", "member"])
async def test_what_a_reader_may_not_read_moves_nothing_of_what_they_find(db, tools, indexed, who):
    """Neither order nor corrections nor longer words: what these go by is counted of what the reader may read."""
    lobby = await a_category(db, read_by="everyone", lets_vendors_in=True)
    closed = await a_category(db, read_by="staff" if who == "member" else "members")
    writer = await a_member(db, moderates=[closed])
    reader = {"guest": GUEST, "vendor": await a_vendor_account(db)}.get(who) or await a_member(db)
    ann = await a_member(db)
    for number in range(3):
        await a_thread(
            db, category=lobby, author=ann, title=f"Otter rules {number}", body=f"Otter badger {'x ' * number}"
        )
        await a_thread(db, category=lobby, author=ann, title=f"Badger rules {number}", body=f"Badger otter {'y ' * 9}")
    await a_thread(
        db, category=lobby, author=ann, title="Marmots again", body="Where are the marmots?", topics="burrow"
    )
    await indexed()
    texts = ("otter badger", "badgr", "marmuts", "bur", "mar", "ott", "otter marmot burrow", "kind:question", "badger")

    async def said() -> list[str]:
        found = [await everything_said(tools, reader, text) for text in texts]
        marks = [await everything_said(tools, reader, f"{text} kind:thread") for text in texts]
        return [*found, *marks]

    before = await said()
    for number in range(30):
        title = ("Badges bagder burrito", "Marmuts marbles", "Otters all over", "Ottoman burger")[number % 4]
        hidden = f"{title} {'otter ' * 40} {number} badges burn"
        await a_thread(
            db, category=closed, author=writer, title=title, body=hidden, topics="burnout", days_ago=40 * number
        )
    if who != "member":
        await a_product(db, "Marmuts", about="Badges and burritos", vendor="Beacon")
    await indexed()

    assert await said() == before

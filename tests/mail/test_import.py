"""An archive becomes threads: once, whole, in order, and nobody sees it before it is."""

import asyncio
import zlib

import pytest

from forum.kit.db import rows, value
from forum.kit.errors import Invalid, NotFound
from forum.mail.archive import commands, place
from forum.mail.archive.commands import import_archive
from forum.members import queries as members
from forum.members import sign_in
from forum.members.types import GUEST
from forum.threads import commands as threads
from forum.threads import queries
from forum.threads.types import ReplyDraft
from tests.factories import a_category, a_member
from tests.mail.letters import letter, mbox, notebook
from tests.threads.recount import assert_counts_are_right

QUESTION = letter("a", subject="[carts] Which carts?", sent=0)
ANSWER = letter("b", subject="Re: [carts] Which carts?", sent=1, refs=["a"], sender="Bo Hill <bo@oak.example>")
THANKS = letter("c", subject="Re: [carts] Which carts?", sent=2, refs=["a", "b"], body="Thanks!")
OTHER = letter("x", subject="Snow day", sent=1, body="Closed.")


@pytest.fixture
def bring(db, tmp_path):
    """Imports these mails as a file and returns the report; checks every count against a recount."""

    async def bring(*letters, slug="carts", name="carts.mbox", dry_run=False, progress=lambda _: None):
        (tmp_path / name).write_bytes(mbox(*letters))
        report = await import_archive(db, [tmp_path / name], category_slug=slug, dry_run=dry_run, progress=progress)
        await assert_counts_are_right(db)
        return report

    return bring


async def posts(db, title):
    return await rows(
        db,
        """
        SELECT p.number, p.source, p.html, a.name, p.created_at, t.id AS thread_id
        FROM post p JOIN thread t ON t.id = p.thread_id JOIN member a ON a.id = p.author_id
        WHERE t.title = :title ORDER BY p.number
        """,
        title=title,
    )


async def everything(db):
    """All that an import writes, to see whether it changed."""
    tables = ("thread", "post", "member", "member_email", "mail_message", "mail_known_id", "mail_author", "category")
    return {table: [tuple(row) for row in await rows(db, f"SELECT * FROM {table} ORDER BY 1, 2")] for table in tables}


async def test_mails_become_a_thread_in_order_with_their_authors_and_dates(db, bring):
    report = await bring(THANKS, ANSWER, OTHER, QUESTION)

    found = await posts(db, "Which carts?")
    assert [(row["number"], row["name"]) for row in found] == [(1, "Ann Lee"), (2, "Bo Hill"), (3, "Ann Lee")]
    assert [row["created_at"].day for row in found] == [7, 8, 9]
    assert (report.messages, report.unique, report.added, report.threads, report.authors) == (4, 4, 4, 2, 2)
    assert (report.first.day, report.last.day) == (7, 9)
    assert await value(db, "SELECT active_at FROM thread WHERE title = 'Which carts?'") == found[2]["created_at"]


async def test_the_same_import_twice_changes_nothing(db, bring):
    await bring(QUESTION, ANSWER, OTHER)
    before = await everything(db)

    report = await bring(QUESTION, ANSWER, OTHER)

    assert await everything(db) == before
    assert (report.added, report.duplicates) == (0, 3)


async def test_a_dry_run_counts_the_same_and_writes_nothing(db, bring):
    letters = (QUESTION, ANSWER, OTHER, OTHER, letter("late", subject="Re: Snow day", sent=5))
    dry = await bring(*letters, dry_run=True)
    assert await value(db, "SELECT count(*) FROM mail_message") == 0
    assert await value(db, "SELECT count(*) FROM category") == 0

    assert dry == await bring(*letters)


async def test_an_import_that_broke_off_goes_on(db, bring, monkeypatch):
    stored = commands.store

    async def breaks_off(*args):
        await stored(*args)
        raise ConnectionError

    monkeypatch.setattr(commands, "store", breaks_off)
    with pytest.raises(ConnectionError):
        await bring(QUESTION, ANSWER)
    monkeypatch.undo()
    assert await value(db, "SELECT is_hidden FROM category WHERE slug = 'carts'")

    report = await bring(QUESTION, ANSWER, THANKS, OTHER)

    assert (report.added, report.threads) == (2, 2)
    assert len(await posts(db, "Which carts?")) == 3
    assert not await value(db, "SELECT is_hidden FROM category WHERE slug = 'carts'")


async def test_an_import_that_broke_off_while_placing_goes_on(db, bring, monkeypatch):
    placed = place.insert_mails

    async def breaks_off(*args):
        await placed(*args)
        raise ConnectionError

    monkeypatch.setattr(place, "CONVERSATIONS", 1)
    monkeypatch.setattr(place, "insert_mails", breaks_off)
    with pytest.raises(ConnectionError):
        await bring(QUESTION, OTHER)
    monkeypatch.setattr(place, "insert_mails", placed)

    await bring(QUESTION, OTHER)

    assert await value(db, "SELECT count(*) FROM post") == 2


async def test_nobody_sees_a_new_category_before_all_of_it_is_there(db, bring):
    reader = await a_member(db)
    seen = []

    def look(step):
        seen.append(step.stage)

    monkey = place.insert_mails

    async def looking(*args):
        await monkey(*args)
        thread_id = await value(db, "SELECT max(id) FROM thread")
        with pytest.raises(NotFound):
            await queries.thread(db, reader, thread_id)

    place.insert_mails = looking
    try:
        await bring(QUESTION, ANSWER, progress=look)
    finally:
        place.insert_mails = monkey

    assert set(seen) == {"reading", "placing"}
    thread_id = (await posts(db, "Which carts?"))[0]["thread_id"]
    assert (await queries.thread(db, reader, thread_id)).title == "Which carts?"
    with pytest.raises(NotFound):
        await queries.thread(db, GUEST, thread_id)


async def test_threads_come_into_a_category_that_people_read_in_one_commit(db, bring):
    slug = await a_category(db)
    seen = []

    async def watch():
        while True:
            seen.append(await value(db, "SELECT thread_count FROM category WHERE slug = :slug", slug=slug))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    letters = [letter(str(number), subject=f"Subject {number}") for number in range(30)]
    await bring(*letters, slug=slug)
    watching.cancel()

    assert set(seen) <= {0, 30}
    assert await value(db, "SELECT count(*) FROM category") == 1
    assert await value(db, "SELECT count(*) FROM thread t JOIN category c ON c.id = t.category_id") == 30


async def test_a_category_hidden_on_purpose_stays_hidden(db, bring):
    slug = await a_category(db, is_hidden=True)

    await bring(QUESTION, slug=slug)

    assert await value(db, "SELECT is_hidden FROM category WHERE slug = :slug", slug=slug)


async def test_a_new_month_extends_the_threads_of_the_last(db, bring):
    await bring(QUESTION, ANSWER, name="carts.march")
    await bring(THANKS, OTHER, name="carts.april")

    assert [row["source"] for row in await posts(db, "Which carts?")][2:] == ["Thanks!"]
    assert await value(db, "SELECT count(*) FROM thread") == 2


async def test_a_parent_that_comes_late_becomes_the_opening_post(db, bring):
    await bring(ANSWER)
    before = (await posts(db, "Which carts?"))[0]["thread_id"]

    await bring(QUESTION)

    found = await posts(db, "Which carts?")
    assert [row["name"] for row in found] == ["Ann Lee", "Bo Hill"]
    assert {row["thread_id"] for row in found} == {before}
    assert await value(db, "SELECT a.name FROM thread t JOIN member a ON a.id = t.author_id") == "Ann Lee"


async def test_a_parent_that_comes_late_brings_threads_together(db, bring):
    left = letter("l", subject="Left", refs=["m"], sent=1)
    right = letter("r", subject="Right", refs=["n"], sent=2)
    await bring(left, right)
    assert await value(db, "SELECT count(*) FROM thread") == 2

    await bring(letter("m", subject="Middle", refs=["n"]))

    assert [row["name"] for row in await posts(db, "Middle")] == ["Ann Lee"] * 3
    assert await value(db, "SELECT thread_count FROM category") == 1


async def test_numbers_of_a_thread_that_members_answered_do_not_change(db, bring):
    await bring(ANSWER)
    thread_id = (await posts(db, "Which carts?"))[0]["thread_id"]
    await threads.reply(db, await a_member(db, name="Cy Fox"), thread_id, ReplyDraft("I use both.", "k"))

    await bring(QUESTION)

    assert [row["name"] for row in await posts(db, "Which carts?")] == ["Bo Hill", "Cy Fox", "Ann Lee"]


async def test_a_re_without_ids_is_matched_by_its_subject_within_a_month(db, bring):
    report = await bring(
        QUESTION,
        letter("d", subject="Re: [carts] Which carts?", sent=20, body="Ours."),
        letter("e", subject="Re: [carts] Which carts?", sent=60, body="Too late."),
    )

    assert report.matched_by_subject == 1
    assert report.threads == 2
    assert await value(db, "SELECT t.reply_count FROM thread t ORDER BY t.created_at LIMIT 1") == 1


async def test_a_circle_of_references_is_one_thread(db, bring):
    await bring(letter("a", refs=["b"], sent=1), letter("b", refs=["a"], sent=0), letter("c", refs=["c"], sent=3))

    assert await value(db, "SELECT count(*) FROM thread") == 2


async def test_another_mail_under_a_used_id_is_kept_and_a_copy_with_other_words_is_not(db, bring):
    letters = (
        QUESTION,
        letter("a", subject="Lunch", sender="Cy Fox <cy@elm.example>", body="Pizza"),
        letter("a", subject="[carts] Which carts?", body="Which carts do you use? (edited by the list)"),
    )
    report = await bring(*letters)
    again = await bring(*letters)

    assert (report.messages, report.unique, report.added, report.imposters, report.duplicates) == (3, 1, 2, 1, 1)
    assert again.added == 0
    assert len(await posts(db, "Lunch")) == 1


async def test_a_mail_sent_twice_with_two_ids_is_one_post_and_answers_to_both_are_there(db, bring):
    report = await bring(QUESTION, letter("a2", subject="[carts] Which carts?"), letter("z", refs=["a2"], sent=3))

    assert (report.unique, report.added, report.threads) == (3, 2, 1)
    assert len(await posts(db, "Which carts?")) == 2


async def test_the_raw_mail_and_its_id_are_kept(db, bring):
    await bring(QUESTION)

    found = (
        await rows(
            db, "SELECT m.raw, m.message_id, m.html, p.number FROM mail_message m JOIN post p ON p.id = m.post_id"
        )
    )[0]
    assert zlib.decompress(found["raw"]).strip() == QUESTION.strip()
    assert (found["message_id"], found["html"], found["number"]) == ("a@pine.example", "", 1)


async def test_an_author_claims_the_posts_by_signing_in_with_the_address(db, bring):
    await bring(ANSWER)
    assert await value(db, "SELECT state FROM member") == "unclaimed"
    assert await value(db, "SELECT verified_at FROM member_email") is None

    token = await sign_in.issue_link(db, "sign-in", "bo@oak.example", hours=1)
    await sign_in.use_link(db, token, "Firefox")

    member_id = await value(db, "SELECT author_id FROM post")
    assert (await members.actor(db, member_id)).name == "Bo Hill"


async def test_posts_of_a_member_who_is_here_already_are_theirs(db, bring):
    member = await a_member(db, address="bo@oak.example")

    await bring(ANSWER)

    assert await value(db, "SELECT author_id FROM post") == member.id


async def test_people_behind_the_lists_own_address_are_told_apart_by_name(db, bring):
    await bring(
        letter("1", subject="[Carts] One", sender="carts@list.example (Ann Lee)"),
        letter("2", subject="Two", sender="carts@list.example (Bo Hill)"),
        letter("3", subject="[Carts] Three", sender="carts@list.example (Ann Lee)"),
        letter("4", subject="Four", sender="Ann Lee <ann@pine.example>"),
    )

    assert await value(db, "SELECT count(*) FROM member") == 3
    assert [row["address"] for row in await rows(db, "SELECT address FROM member_email")] == ["ann@pine.example"]


async def test_the_report_counts_the_addresses_that_claim_what_was_written(bring):
    letters = (QUESTION, THANKS, ANSWER, letter("l", subject="[carts] New", sender="carts@list.example (Cy Fox)"))

    assert (await bring(*letters, dry_run=True)).addresses == (await bring(*letters)).addresses == 2


async def test_many_people_of_one_name_get_handles_of_their_own(db, bring):
    await bring(*(letter(str(n), subject=str(n), sender=f"Ann Lee <ann{n}@pine.example>") for n in range(15)))

    handles = [row["handle"] for row in await rows(db, "SELECT handle FROM member ORDER BY id")]
    assert len(set(handles)) == 15
    assert "ann.lee" in handles


async def test_no_address_is_spelled_out_where_people_read(db, bring):
    await bring(
        letter("1", subject="[bo.hill@oak.example: Wheels]", sender="ann.lee@pine.example"),
        letter("2", subject="Doors", sender='"bo.hill@oak.example (Bo)" <bo@oak.example>'),
        letter("3", subject="[bo.hill@oak.example: Wheels]", sender="Cy Fox <cy@elm.example>", has_id=False),
    )

    seen = await rows(
        db,
        """
        SELECT t.title, t.slug, a.name, a.handle, p.source, p.html
        FROM post p JOIN thread t ON t.id = p.thread_id JOIN member a ON a.id = p.author_id ORDER BY p.id
        """,
    )
    assert [tuple(row)[:4] for row in seen] == [
        ("[bo.hill@…: Wheels]", "bo-hill-wheels", "ann.lee", "ann.lee"),
        ("Doors", "doors", "bo.hill@… (Bo)", "bo.hill.bo"),
        ("[bo.hill@…: Wheels]", "bo-hill-wheels", "Cy Fox", "cy.fox"),
    ]
    assert not any("example" in cell for row in seen for cell in tuple(row))


async def test_a_mail_that_cannot_be_read_is_reported_and_the_others_are_there(db, bring, monkeypatch):
    real = commands.parsed_chunks

    async def one_is_poison(paths):
        from forum.mail.archive import message

        parsed = message._parsed

        def refuse(raw, now):
            if raw.number == 2:
                raise RecursionError("too deep")
            return parsed(raw, now)

        monkeypatch.setattr(message, "_parsed", refuse)
        async for chunk in real(paths):
            yield chunk

    monkeypatch.setattr(commands, "parsed_chunks", one_is_poison)
    report = await bring(QUESTION, OTHER, ANSWER)

    assert (report.messages, report.unreadable, report.added) == (3, 1, 2)
    problem = report.problems["a message that cannot be read"]
    assert (problem.count, problem.samples[0].number) == (1, 2)


async def test_mails_without_a_date_stand_by_the_one_before_them(db, bring):
    report = await bring(QUESTION, letter("n", subject="No date", sent="?").replace(b"Date: ?\n", b""))

    assert report.problems["a date that cannot be read"].count == 1
    assert (await posts(db, "No date"))[0]["created_at"].year == 2016


async def test_a_notebook_log_threads_by_subject(db, tmp_path):
    (tmp_path / "LOG1603").write_bytes(
        notebook(
            letter(subject="Wheels", has_id=False),
            letter(subject="Re: Wheels", sent=1, has_id=False, body="Four."),
        )
    )

    report = await import_archive(
        db, [tmp_path / "LOG1603"], category_slug="wheels", dry_run=False, progress=lambda _: None
    )

    assert (report.threads, report.problems["no Message-ID, one was made from the content"].count) == (1, 2)


async def test_a_prefix_that_most_titles_have_is_the_lists_name(db, bring):
    await bring(*(letter(str(n), subject=f"[K12] Topic number {n}") for n in range(25)), name="2016-March")

    assert await value(db, "SELECT count(*) FROM thread WHERE title LIKE 'Topic number%'") == 25


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("content", [b"# A readme\n\nNo archive.\n", b"", b"\x1f\x8bnot really gzip"])
async def test_files_without_a_mail_are_refused_and_make_no_category(db, tmp_path, content, dry_run):
    (tmp_path / "README.md").write_bytes(content)

    for path in (tmp_path / "README.md", tmp_path):
        with pytest.raises(Invalid) as refusal:
            await import_archive(db, [path], category_slug="carts", dry_run=dry_run, progress=lambda _: None)
        assert "No email could be read, so nothing was changed (README.md: " in refusal.value.fields["files"]

    assert await value(db, "SELECT count(*) FROM category") == 0
    assert await value(db, "SELECT count(*) FROM mail_import") == 0


async def test_a_file_that_is_no_archive_does_not_keep_out_the_one_beside_it(db, tmp_path):
    (tmp_path / "README.md").write_bytes(b"# A readme\n")
    (tmp_path / "carts.mbox").write_bytes(mbox(QUESTION))

    report = await import_archive(db, [tmp_path], category_slug="carts", dry_run=False, progress=lambda _: None)

    assert (report.added, report.unreadable) == (1, 1)


@pytest.mark.parametrize("slug", ["", "Carts", "a b", "x" * 80])
async def test_a_category_cannot_have_any_name(db, bring, slug):
    with pytest.raises(Invalid):
        await bring(QUESTION, slug=slug)


async def test_a_long_archive_is_parsed_by_other_processes(db, bring, monkeypatch):
    from forum.mail.archive import stream

    monkeypatch.setattr(stream, "CHUNK_MESSAGES", 10)

    report = await bring(
        *(letter(str(n), subject=f"Subject {n}", refs=[str(n - 1)] if n % 5 else []) for n in range(60))
    )

    assert (report.added, report.threads) == (60, 12)
    assert await value(db, "SELECT count(*) FROM post") == 60


async def test_of_two_imports_at_the_same_time_one_is_asked_to_wait(db, tmp_path):
    letters = [letter(str(n), subject=f"Subject {n}", refs=[str(n - 1)] if n % 5 else []) for n in range(40)]
    (tmp_path / "list.mbox").write_bytes(mbox(*letters))

    async def bring_it():
        return await import_archive(
            db, [tmp_path / "list.mbox"], category_slug="both", dry_run=False, progress=lambda _: None
        )

    outcomes = await asyncio.gather(bring_it(), bring_it(), return_exceptions=True)
    again = await bring_it()

    assert sorted(type(each).__name__ for each in outcomes) == ["Invalid", "Report"]
    assert again.added == 0
    assert await value(db, "SELECT count(*) FROM post") == 40
    assert await value(db, "SELECT count(*) FROM thread") == 8
    await assert_counts_are_right(db)

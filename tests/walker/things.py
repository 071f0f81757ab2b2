"""Rows of what hangs on categories, members and the site: written straight into the tables, whatever made them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from forum.districts.commands import add_district
from forum.kit.db import Database, run, value
from forum.members.queries import actor
from forum.products import answering, owners, reviewing, stories
from forum.products.owner_types import QuestionDraft
from forum.products.review_types import PriceDraft, ReviewDraft
from forum.products.score_types import Peers
from forum.products.story_types import StoryDraft
from forum.renewals import rounds
from forum.renewals.queries import contracts
from forum.renewals.round_types import AnswerDraft, DecisionDraft
from tests.factories import a_member

Ids = Mapping[str, int]


async def in_category(db: Database, slug: str, ids: Ids) -> None:
    """A watched word, a held post, a flag, a queue item, a staff note, an old address."""
    category = await value(db, "SELECT c.id FROM category c WHERE c.slug = :slug", slug=slug)
    thread = await value(
        db,
        "SELECT t.id FROM thread t WHERE t.category_id = :category AND t.deleted_at IS NULL ORDER BY t.id LIMIT 1",
        category=category,
    )
    post = await value(db, "SELECT p.id FROM post p WHERE p.thread_id = :thread AND p.number = 1", thread=thread)
    author, newcomer = ids["moderator"], ids["newcomer"]
    await run(db, "INSERT INTO category_address (slug, category_id) VALUES (:s, :c)", s=f"old-{slug}", c=category)
    await run(
        db,
        "INSERT INTO watched_word (category_id, words, act, sentence, path) VALUES (:c, :w, 'link', 'See', '/t/1')",
        c=category,
        w=f"word of {slug}",
    )
    held = await value(
        db,
        """
        INSERT INTO held_post (author_id, category_id, kind, title, topics, body, client_key, why, beside)
        VALUES (:author, :c, 'event', 'A held event', 'x', 'Held words', :key, 'first', 'Held place') RETURNING id
        """,
        author=author,
        c=category,
        key=slug,
    )
    await run(
        db,
        """
        INSERT INTO held_event (held_id, starts_at, ends_at, starts_on, time_zone, place, link)
        VALUES (:held, now() + interval '9 days', now() + interval '10 days', current_date + 9, 'America/Chicago',
                'Held place', 'https://meet.example/held')
        """,
        held=held,
    )
    reporter = newcomer if slug == "desk" else author
    await run(
        db,
        "INSERT INTO post_flag (post_id, member_id, reason, note) VALUES (:post, :m, 'other', 'Look at this')",
        post=post,
        m=reporter,
    )
    for kind, subject in (("flag", post), ("hold", held)):
        await run(
            db,
            "INSERT INTO queue_item (kind, subject_id, category_id, author_id) VALUES (:kind, :subject, :c, :author)",
            kind=kind,
            subject=subject,
            c=category,
            author=author,
        )
    await run(
        db,
        """
        INSERT INTO queue_item (kind, subject_id, category_id, author_id, decided_at, verdict, letter)
        VALUES ('flag', :subject, :c, :author, now(), 'keep', 'A letter')
        """,
        subject=post,
        c=category,
        author=author,
    )
    await run(
        db,
        "INSERT INTO staff_note (member_id, category_id, author_id, body) VALUES (:m, :c, :author, 'Noted')",
        m=newcomer,
        c=category,
        author=author,
    )


async def of_members(db: Database, ids: Ids) -> None:
    """Ways to sign in, hidden fields, lists of invitations."""
    member = ids["member"]
    await run(
        db,
        "INSERT INTO member_email (address, member_id, verified_at) VALUES ('second@pine.example', :m, now())",
        m=member,
    )
    for sql in (
        """
        INSERT INTO identity (member_id, issuer, subject, provider, label)
        VALUES (:m, 'https://a', 's', 'google', 'x')
        """,
        "INSERT INTO passkey (member_id, credential_id, public_key, name) VALUES (:m, 'c', 'k', 'Laptop')",
        "INSERT INTO code_secret (member_id, secret, confirmed_at) VALUES (:m, 'abcdefghijklmnop', now())",
        "INSERT INTO address_request (member_id, address) VALUES (:m, 'a@b.example')",
        "INSERT INTO address_notice (member_id, address, happened) VALUES (:m, 'a@b.example', 'address-added')",
        "INSERT INTO oidc_attempt (state_hash, browser_hash, provider, member_id) VALUES ('s', 'b', 'google', :m)",
        """
        INSERT INTO member_privacy (member_id, title_for, about_for, title, about)
        VALUES (:m, 'staff', 'staff', 'Hidden title', 'Hidden words')
        """,
        "INSERT INTO terms_consent (member_id, version) VALUES (:m, 1)",
    ):
        await run(db, sql, m=member)
    await run(
        db,
        """
        INSERT INTO member_privacy (member_id, title_for, about_for, title, about)
        VALUES (:m, 'nobody', 'nobody', 'Secret title', 'Secret words')
        """,
        m=ids["insider"],
    )
    admin = ids["administrator"]
    list_id = await value(db, "INSERT INTO invitation_list (created_by) VALUES (:m) RETURNING id", m=admin)
    await run(
        db,
        """
        INSERT INTO invitation_row (list_id, line, status, problem, address, name, title)
        VALUES (:list_id, 1, 'wrong', 'Why', 'a@b.example', 'N', 'T')
        """,
        list_id=list_id,
    )
    await run(
        db,
        """
        INSERT INTO join_request (name, title, address, note, decided_at, decided_by, is_approved, reason)
        VALUES ('Refused Person', 'T', 'refused@elsewhere.example', 'N', now(), :m, false, 'Not now')
        """,
        m=admin,
    )
    await run(db, "INSERT INTO domain_rule (domain, kind) VALUES ('bad.example', 'blocked')")


async def of_the_site(db: Database, ids: Ids) -> None:
    """The site's name, pages, announcements, tests of mail, letters for refusals."""
    admin = ids["administrator"]
    await run(db, "INSERT INTO site_setting (name, backup_note) VALUES ('The Staffroom', 'In the vault')")
    for slug in ("terms", "privacy"):
        await run(
            db,
            "INSERT INTO site_page (slug, version, body, html) VALUES (:slug, 1, 'Be kind', '<p>Be kind</p>')",
            slug=slug,
        )
    for audience in ("everyone", "members", "staff"):
        await run(
            db,
            """
            INSERT INTO announcement (client_key, kind, audience, body, html, from_at, until_at)
            VALUES (:audience, 'info', :audience, 'News', '<p>News</p>', now() - interval '1 h', now() + interval '1 d')
            """,
            audience=audience,
        )
    await run(db, "INSERT INTO topic_synonym (slug, topic_id) SELECT 'old-word', min(id) FROM topic")
    await run(db, "INSERT INTO mail_test (tested_by, is_good, outcome) VALUES (:admin, true, 'It works')", admin=admin)
    await run(db, "INSERT INTO reason_template (name, letter) VALUES ('Unkind', 'Write it again')")


async def of_products(db: Database, ids: Ids) -> None:
    """Products of two vendors, one of which the vendor who walks speaks for; who runs them, and a suggestion."""
    kind = await value(
        db, "INSERT INTO product_category (slug, name) VALUES ('content-filter', 'Content filter') RETURNING id"
    )
    for name, speaker in (("northgate", ids["vendor"]), ("beacon", 0)):
        vendor = await value(
            db, "INSERT INTO vendor (slug, name, compared) VALUES (:name, :name, :name) RETURNING id", name=name
        )
        await run(
            db,
            "INSERT INTO vendor_account (member_id, vendor_id) SELECT m.id, :v FROM member m WHERE m.id = :m",
            v=vendor,
            m=speaker,
        )
        product = await value(
            db,
            """
            INSERT INTO product (vendor_id, category_id, slug, name, about, website)
            VALUES (:v, :kind, :name, :name, 'A filter', 'https://a.example') RETURNING id
            """,
            v=vendor,
            kind=kind,
            name=name,
        )
        for sql in (
            "INSERT INTO product_name (compared, product_id, name) VALUES (:name, :p, :name)",
            "INSERT INTO product_address (slug, product_id) VALUES ('old-' || :name, :p)",
        ):
            await run(db, sql, name=name, p=product)
        await run(
            db,
            """
            INSERT INTO product_use (product_id, district_id, since_year, said_by)
            SELECT :p, d.id, 2020, :m FROM district d
            """,
            p=product,
            m=ids["member"],
        )
    suggestion = await value(
        db,
        """
        INSERT INTO product_suggestion (member_id, name, compared, vendor_name, category_id, website, note)
        VALUES (:m, 'Lantern', 'lantern', 'Lumen', :kind, 'https://l.example', 'Please') RETURNING id
        """,
        m=ids["insider"],
        kind=kind,
    )
    await run(
        db,
        "INSERT INTO queue_item (kind, subject_id, author_id) VALUES ('product', :s, :m)",
        s=suggestion,
        m=ids["insider"],
    )


async def of_reviews(db: Database, ids: Ids) -> None:
    """Reviews under a name and without one in a category that lets vendors in, with prices and an answer; peers."""
    await run(db, "INSERT INTO review_place (category_id) SELECT c.id FROM category c WHERE c.slug = 'lobby'")
    await run(db, "UPDATE member SET district_id = (SELECT min(d.id) FROM district d) WHERE id = :m", m=ids["insider"])
    draft = ReviewDraft(
        4,
        *("What works", "What does not"),
        to_ask="What to ask",
        left_for="Another",
        would_renew="only_if",
        renew_if="it is cheaper",
        price=PriceDraft(420, included="Two days"),
    )
    for who, is_unnamed in (("member", False), ("insider", True)):
        writer = await actor(db, ids[who])
        await reviewing.review(db, writer, "northgate", replace(draft, is_unnamed=is_unnamed))
    review = await value(db, "SELECT min(rv.id) FROM review rv")
    await answering.answer(db, await actor(db, ids["vendor"]), review, "We mended it.")
    await reviewing.choose_peers(db, await actor(db, ids["member"]), Peers(years=0, standing="now"))


async def of_moves(db: Database, ids: Ids) -> None:
    """Stories of moves there and back, with costs and numbers to call, where vendors read and where they do not."""
    story = StoryDraft(
        regret=2,
        went_well="What went well",
        went_badly="What did not",
        weeks=6,
        carried="most",
        carried_how="By hand",
        cents=123_00,
        may_be_called=True,
    )
    for who, left, address in (("member", "beacon", "northgate"), ("insider", "northgate", "beacon")):
        draft = replace(story, moved_from=left, keeps_vendors_out=who == "insider")
        await stories.tell(db, await actor(db, ids[who]), address, draft)


async def of_owners(db: Database, ids: Ids) -> None:
    """A question without a name and one with, in the room of the vendor who walks; offers, names that are given."""
    for who, is_unnamed in (("insider", True), ("member", False)):
        draft = QuestionDraft("A question to owners", "How is it?", is_unnamed=is_unnamed)
        await owners.ask(db, await actor(db, ids[who]), "northgate", draft)
    for who, is_unnamed, words in (
        ("member", True, "waits"),
        ("moderator", True, "offered"),
        ("administrator", True, "accepted"),
        ("insider", False, "waits"),
    ):
        await run(
            db,
            """
            INSERT INTO owner_asked (question_id, member_id, size, offered_at, accepted_at)
            SELECT q.id, :m, 'x', CASE WHEN :words <> 'waits' THEN now() END,
                   CASE WHEN :words = 'accepted' THEN now() END
            FROM owner_question q WHERE q.is_unnamed = :is_unnamed
            """,
            m=ids[who],
            words=words,
            is_unnamed=is_unnamed,
        )
    await run(
        db,
        "INSERT INTO owner_contact (product_id, member_id) SELECT min(pr.id), :m FROM product pr",
        m=ids["member"],
    )


async def of_contracts(db: Database, ids: Ids) -> None:
    """Contracts of the member's district and of another, for each circle of those who see them; a list, a calendar."""
    oak = await value(db, "INSERT INTO district (name) VALUES ('Oak') RETURNING id")
    for visibility in ("us", "staff", "members"):
        await run(
            db,
            """
            INSERT INTO contract (district_id, product_id, ends_on, term_months, yearly_cents, visibility, note)
            SELECT d.id, (SELECT min(pr.id) FROM product pr), current_date + 200, 12, 4999, :visibility, 'A note'
            FROM district d
            """,
            visibility=visibility,
        )
    for district, member in ((oak, ids["insider"]), (None, ids["member"])):
        await run(
            db,
            """
            INSERT INTO contract_list (district_id, created_by, source)
            SELECT coalesce(:district, m.district_id), m.id, 'product' FROM member m WHERE m.id = :member
            """,
            district=district,
            member=member,
        )
    await run(db, "INSERT INTO contract_feed (member_id, token_hash) VALUES (:m, 'hash')", m=ids["member"])


async def of_rounds(db: Database, ids: Ids) -> None:
    """A round of the member's district that was decided and judged, with an answer; one of a district not named."""
    await add_district(db, "Elm")
    keepers = {
        "Pine": await actor(db, ids["member"]),
        "Oak": await a_member(db, district_id=await value(db, "SELECT d.id FROM district d WHERE d.name = 'Oak'")),
    }
    opened = []
    for keeper in keepers.values():
        contract = (await contracts(db, keeper))[0]
        opened.append(
            await rounds.open_now(db, keeper, contract.id, is_unnamed=keeper is keepers["Oak"], time_zone="UTC")
        )
    still_open = (await contracts(db, keepers["Pine"]))[1]
    await rounds.open_now(db, keepers["Pine"], still_open.id, is_unnamed=False, time_zone="UTC")
    answer = AnswerDraft("yes", 4, "Works", "Lacks", "Another", "Advice", is_unnamed=True)
    await rounds.answer(db, keepers["Oak"], opened[0], answer)
    await rounds.answer(db, keepers["Pine"], opened[1], replace(answer, is_unnamed=False))
    await rounds.close(db, opened[0])
    await rounds.decide(db, keepers["Pine"], opened[0], DecisionDraft("renewed", reason="It is fine"))
    await rounds.judge(db, keepers["Pine"], opened[0], "yes", "Count the training")


async def of_searches(db: Database, ids: Ids) -> None:
    """Searches that some keep, what was looked for, and words that mean the same."""
    for who in ("member", "vendor", "administrator"):
        await run(
            db,
            "INSERT INTO saved_search (member_id, name, query) VALUES (:m, 'Mine', 'toner category:desk')",
            m=ids[who],
        )
    await run(db, "INSERT INTO search_asked (words, asked, unfound) VALUES ('toner for the lab', 3, 2)")
    await run(db, "DELETE FROM search_synonym")  # those the forum begins with: more of one kind
    await run(db, "INSERT INTO search_synonym (terms) VALUES ('toner, ink')")


async def of_following(db: Database, ids: Ids) -> None:
    """Everything is followed by the member and the vendor, also what they do not see; a quiet time; wishes."""
    for who in ("member", "vendor"):
        await run(
            db,
            """
            INSERT INTO follow (member_id, kind, target_id, level)
            SELECT :m, x.kind, x.id, 'web'
            FROM (
                SELECT 'thread' AS kind, t.id FROM thread t
                UNION ALL SELECT 'person', m.id FROM member m
                UNION ALL SELECT 'search', s.id FROM saved_search s
                UNION ALL SELECT 'product', pr.id FROM product pr
                UNION ALL SELECT 'topic', o.id FROM topic o
                UNION ALL SELECT 'vendor', v.id FROM vendor v
                UNION ALL SELECT 'category', c.id FROM category c
            ) x
            """,
            m=ids[who],
        )
    await run(db, "INSERT INTO mail_wish (member_id, time_zone) VALUES (:m, 'UTC')", m=ids["member"])
    await run(
        db,
        """
        INSERT INTO quiet_time (name, starts_on, ends_on)
        VALUES ('Winter break', current_date + 30, current_date + 40)
        """,
    )


async def of_notifications(db: Database, member_ids: Sequence[int]) -> None:
    """What these were told of, in every category, whether or not they may read it now; last what everybody may."""
    kinds = (("p.number = 1", "category", "now()"), ("t.accepted_post_id = p.id", "accepted", "NULL"))
    for which, reason, done in (*kinds, ("p.number = 1", "category", "NULL")):
        await run(
            db,
            f"""
            INSERT INTO notification (member_id, thread_id, post_ids, reasons, target_ids, done_at)
            SELECT x.member_id, x.thread_id, ARRAY[x.post_id], ARRAY['{reason}'], ARRAY[x.category_id], {done}
            FROM (
                SELECT DISTINCT ON (m.id, t.category_id)
                       m.id AS member_id, t.id AS thread_id, p.id AS post_id, t.category_id
                FROM member m, post p JOIN thread t ON t.id = p.thread_id
                WHERE m.state = 'active' AND m.id = ANY(CAST(:member_ids AS bigint[])) AND {which}
                ORDER BY m.id, t.category_id, t.id
            ) x
            JOIN category c ON c.id = x.category_id
            ORDER BY c.slug = 'lobby', x.category_id, x.member_id
            ON CONFLICT DO NOTHING
            """,
            member_ids=member_ids,
        )


async def of_mail(db: Database, ids: Ids) -> None:
    """A mail that is due, one that waits for another try, one that failed; an address that is left alone."""
    for key, state, wait in (("due", "waiting", 0), ("later", "waiting", 1), ("failed", "failed", 0)):
        await run(
            db,
            """
            INSERT INTO mail (member_id, kind, dedupe_key, state, next_at, domain, outcome, ended_at)
            VALUES (:member, 'test', :key, :state, now() + :wait * interval '1 day', 'slow.example', 'It was refused.',
                    CASE :state WHEN 'failed' THEN now() END)
            """,
            member=ids["member"],
            key=key,
            state=state,
            wait=float(wait),
        )
    await run(db, "INSERT INTO mail_suppression (address, reason) VALUES ('gone@slow.example', 'refused')")

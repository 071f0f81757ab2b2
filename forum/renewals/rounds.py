"""Review rounds: a district asks those who use a product before notice is due. Owns round_plan, review_round,
round_asked, round_answer.

A round is a thread that keeps vendors out; each answer is a post of it. The district that is not named is a stand-in's
thread, and stands in `review_round` alone.
"""

from collections.abc import Sequence
from dataclasses import replace

from forum.categories.policy import may_act
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Verdict
from forum.kit.tokens import new_token
from forum.members.types import Actor
from forum.members.unnamed import stand_in
from forum.products import queries as products
from forum.products import review_queries, reviewing
from forum.products.queries import HOLD
from forum.products.review_types import ReviewDraft
from forum.products.reviewing import NO_PLACE, THE_FORUM
from forum.renewals import policy, queries, round_queries
from forum.renewals.round_types import PLANS, RIGHT, AnswerDraft, DecisionDraft, OwnAnswer, Round
from forum.renewals.types import NO_SUCH_PRODUCT, Contract
from forum.threads import form_posts
from forum.threads import queries as threads

MOST_ASKED = 200
ALREADY = "You have answered already, and this is another text. Open your answer and change it there."
SHOWN = (
    "Other members see this contract with its day, so they would know who asks. Ask under your name, or change who "
    "sees the contract first."
)
OPENING = """{asker} decides by {day} whether to renew [{product}]({product_path}). Do you use it, or did you? Six
questions, two minutes: [answer here]({path}).

What everybody says, similar products and past threads are there too."""
SUMMARY = """**This round is closed.** {tally}

The whole of it on one page: [what members said, what else there is]({path})."""


async def choose_plan(db: Database, actor: Actor, contract_id: int, asks: str) -> None:
    """Say whether members are asked when a contract comes up. Raises NotFound, Invalid."""
    if asks not in PLANS:
        raise Invalid(asks="Choose one of those offered.")
    async with db.transaction():
        contract = await queries.contract_to_change(db, actor, contract_id)
        _require_hidden(contract, is_unnamed=asks == "unnamed")
        await run(
            db,
            """
            INSERT INTO round_plan (contract_id, asks) VALUES (:contract_id, :asks)
            ON CONFLICT (contract_id) DO UPDATE SET asks = excluded.asks
            """,
            contract_id=contract.id,
            asks=asks,
        )


def _require_hidden(contract: Contract, *, is_unnamed: bool) -> None:
    """Raises Invalid where members could tell by the contract they see whose round without a name it is."""
    if is_unnamed and contract.visibility == "members":
        raise Invalid(asks=SHOWN)


async def open_now(db: Database, actor: Actor, contract_id: int, *, is_unnamed: bool, time_zone: str) -> int:
    """Ask members about a contract of one's own district at once. Returns the round's id; twice is once.

    time_zone: of districts that say none. Raises NotFound, Forbidden, Invalid.
    """
    contract = await queries.contract(db, actor, contract_id)
    office = await queries.office(db, actor)
    _require_hidden(contract, is_unnamed=is_unnamed)
    if contract.notice_on < office.today(time_zone):
        raise Invalid(asks="The last day for notice has passed. Change the contract if it runs on.")
    place = await review_queries.place(db, actor)
    (may_act(actor, place.rights, "ask for opinions") if place else NO_PLACE).require()
    return await begin(db, contract, office.district_id or 0, opened_by=actor.id, is_unnamed=is_unnamed)


async def begin(db: Database, contract: Contract, district_id: int, *, opened_by: int | None, is_unnamed: bool) -> int:
    """Begin the round of a contract, whoever has decided so (None: its time had come). Returns its id.

    Raises Forbidden without a category for reviews, NotFound for a contract that was removed.
    """
    place = await review_queries.any_place(db)
    if place is None:
        raise Forbidden(NO_PLACE.reason)
    asker = await _asker(db, district_id, contract.product_id, is_unnamed=is_unnamed)
    number = await _next_id(db)
    opening = await form_posts.text(db, _opening(contract, asker, number))
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile
        product_id = await _held_product(db, contract)
        if round_id := (await round_queries.plan(db, contract)).round_id:
            return round_id
        thread_id = await form_posts.start(
            db,
            await stand_in(db, asker),
            place,
            kind="discussion",
            title=f"{contract.product_name} is up for renewal: opinions?",
            opening=opening,
            key=new_token(),
            keeps_vendors_out=True,
        )
        contract = replace(contract, product_id=product_id)
        await _insert(db, contract, district_id, number, thread_id, opened_by, is_unnamed=is_unnamed)
        await _ask(db, number, product_id, district_id)
    return number


async def answer(db: Database, actor: Actor, round_id: int, draft: AnswerDraft) -> Round:
    """Answer a round, or change one's answer; the same twice is once. Raises NotFound, Forbidden, Invalid, Stale."""
    draft.check()
    found = await round_queries.review_round(db, actor, round_id)
    (await may_answer(db, actor, found)).require()
    text = await form_posts.text(db, draft.as_post())
    async with db.transaction():
        await run(db, "SELECT o.id FROM review_round o WHERE o.id = :id FOR NO KEY UPDATE", id=round_id)
        found = await round_queries.review_round(db, actor, round_id)
        (await may_answer(db, actor, found)).require()
        before = await round_queries.own_answer(db, actor, round_id)
        if before and _is_sent_again(before, draft):
            return found
        await form_posts.screen(db, actor, found.category_id, text.source, before.draft.as_post() if before else "")
        author_id = await _author(db, actor, found, draft)
        if before is None:
            post_id = await form_posts.add(db, author_id, found.thread_id, text, new_token())
            await _insert_answer(db, actor, found, post_id, draft)
        else:
            await form_posts.rewrite(db, before.post_id, text, author_id)
            await _change_answer(db, before, draft)
    return found


async def may_answer(db: Database, actor: Actor, found: Round) -> Verdict:
    """Whether `actor` may answer this round now."""
    allowed = policy.may_answer_round(actor, found, await products.district_of(db, actor))
    if not allowed:
        return allowed
    thread = await threads.thread(db, actor, found.thread_id)
    return Verdict("This thread is locked.") if thread.is_locked else may_act(actor, thread.replying, "answer")


async def put_away(db: Database, actor: Actor, round_id: int) -> None:
    """One would rather not answer: the notice goes. Raises NotFound."""
    await round_queries.review_round(db, actor, round_id)
    await run(
        db,
        "UPDATE round_asked SET put_away_at = now() WHERE round_id = :round_id AND member_id = :member_id",
        round_id=round_id,
        member_id=actor.id,
    )


async def close(db: Database, round_id: int) -> None:
    """No answers any more: the thread says what they came to. Twice is once."""
    async with db.transaction():
        closed = await rows(
            db,
            "UPDATE review_round SET closed_at = now() WHERE id = :id AND closed_at IS NULL RETURNING thread_id",
            id=round_id,
        )
        if closed:
            tally = await round_queries.tally(db, round_id)  # now that nobody answers any more
            text = await form_posts.text(db, SUMMARY.format(tally=tally.words, path=f"/rounds/{round_id}"))
            await form_posts.add(db, await stand_in(db, THE_FORUM), closed[0]["thread_id"], text, new_token())


async def close_now(db: Database, actor: Actor, round_id: int) -> None:
    """One's own district has heard enough. Raises NotFound, Forbidden."""
    found = await round_queries.review_round(db, actor, round_id)
    policy.may_run_round(actor, found).require()
    await close(db, round_id)


async def decide(db: Database, actor: Actor, round_id: int, draft: DecisionDraft) -> None:
    """Record what one's own district chose, and why; the newest word holds. Raises NotFound, Forbidden, Invalid."""
    draft.check()
    found = await round_queries.review_round(db, actor, round_id)
    policy.may_decide(actor, found).require()
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile
        chosen = None
        if draft.decision == "switched":
            chosen = await products.product_called(db, draft.chosen)
            if chosen is None:
                raise Invalid(chosen=NO_SUCH_PRODUCT.format(draft.chosen))
        await run(
            db,
            """
            UPDATE review_round
            SET decision = :decision, chosen_product_id = :chosen, reason = :reason,
                decided_at = coalesce(decided_at, now()),
                ask_again_at = coalesce(ask_again_at, now() + interval '1 year')
            WHERE id = :round_id
            """,
            decision=draft.decision,
            chosen=chosen,
            reason=draft.reason,
            round_id=round_id,
        )


async def judge(db: Database, actor: Actor, round_id: int, was_right: str, lesson: str) -> None:
    """Say a year later whether the decision was right. Raises NotFound, Forbidden, Invalid."""
    found = await round_queries.review_round(db, actor, round_id)
    policy.may_judge(actor, found).require()
    lesson = lesson.strip()
    if was_right not in RIGHT:
        raise Invalid(was_right="Choose yes, partly or no.")
    if len(lesson) > 2000:
        raise Invalid(lesson=f"At most 2,000 characters; this has {len(lesson):,}.")
    await run(
        db,
        """
        UPDATE review_round SET was_right = :was_right, lesson = :lesson, judged_at = now()
        WHERE id = :round_id
        """,
        was_right=was_right,
        lesson=lesson,
        round_id=round_id,
    )


async def erase_answers(db: Database, member_id: int) -> None:
    """The answers of a member who leaves and takes their words along are gone, also those under no name."""
    found = await rows(
        db,
        "SELECT x.id, x.post_id FROM round_answer x WHERE x.member_id = :member_id ORDER BY x.id",
        member_id=member_id,
    )
    for row in found:
        await form_posts.erase(db, row["post_id"])
        await run(db, "DELETE FROM round_answer WHERE id = :id", id=row["id"])


def _is_sent_again(before: OwnAnswer, draft: AnswerDraft) -> bool:
    is_same = replace(before.draft, version=0) == draft
    return form_posts.is_sent_again(
        is_same=is_same, version=draft.version, newest=before.draft.version, already=ALREADY
    )


async def _held_product(db: Database, contract: Contract) -> int:
    """The product of a contract, which is held from here on, as it is now. Raises NotFound when that was removed."""
    held = "SELECT n.product_id FROM contract n WHERE n.id = :id FOR NO KEY UPDATE"
    product_id: int | None = await value(db, held, id=contract.id)
    if product_id is None:
        raise NotFound
    return product_id


async def _next_id(db: Database) -> int:
    """The number of a round to come: its thread already leads to its page."""
    number: int = await value(db, "SELECT nextval(pg_get_serial_sequence('review_round', 'id'))")
    return number


async def _asker(db: Database, district_id: int, product_id: int, *, is_unnamed: bool) -> str:
    """What the district that asks is called."""
    if is_unnamed:
        return (await reviewing.district_shown_as(db, district_id, product_id))[0]
    name: str = await value(db, "SELECT d.name FROM district d WHERE d.id = :id", id=district_id)
    return name


def _opening(contract: Contract, asker: str, round_id: int) -> str:
    return OPENING.format(
        asker=asker,
        day=contract.notice_words,
        product=contract.product_name,
        product_path=contract.product_path,
        path=f"/rounds/{round_id}",
    )


async def _insert(
    db: Database,
    contract: Contract,
    district_id: int,
    round_id: int,
    thread_id: int,
    opened_by: int | None,
    *,
    is_unnamed: bool,
) -> None:
    await run(
        db,
        """
        INSERT INTO review_round (id, contract_id, product_id, district_id, thread_id, opened_by, is_unnamed, closes_on)
        OVERRIDING SYSTEM VALUE
        VALUES (:id, :contract_id, :product_id, :district_id, :thread_id, :opened_by, :is_unnamed, :closes_on)
        """,
        id=round_id,
        contract_id=contract.id,
        product_id=contract.product_id,
        district_id=district_id,
        thread_id=thread_id,
        opened_by=opened_by,
        is_unnamed=is_unnamed,
        closes_on=contract.notice_on,
    )


async def _ask(db: Database, round_id: int, product_id: int, district_id: int) -> None:
    """Ask who uses the product: members of districts that run or ran it, and who has reviewed it."""
    await run(
        db,
        """
        INSERT INTO round_asked (round_id, member_id)
        SELECT DISTINCT CAST(:round_id AS bigint), m.id
        FROM member m
        LEFT JOIN member_privacy x ON x.member_id = m.id
        WHERE m.state = 'active' AND m.role <> 'vendor'
          AND coalesce(x.district_id, m.district_id) IS DISTINCT FROM :district_id
          AND (EXISTS (SELECT 1 FROM review rv WHERE rv.member_id = m.id AND rv.product_id = :product_id)
               OR EXISTS (SELECT 1 FROM product_use u
                          WHERE u.product_id = :product_id AND u.district_id = coalesce(x.district_id, m.district_id)))
        ORDER BY m.id
        LIMIT :most
        ON CONFLICT DO NOTHING
        """,
        round_id=round_id,
        product_id=product_id,
        district_id=district_id,
        most=MOST_ASKED,
    )


async def _author(db: Database, actor: Actor, found: Round, draft: AnswerDraft) -> int:
    if not draft.is_unnamed:
        return actor.id or 0
    product = await products.product(db, actor, found.product_slug)
    name, _ = await reviewing.shown_as(db, actor, product, ReviewDraft(0, is_unnamed=True))
    return await stand_in(db, name)


async def _insert_answer(db: Database, actor: Actor, found: Round, post_id: int, draft: AnswerDraft) -> None:
    await run(
        db,
        """
        INSERT INTO round_answer (round_id, member_id, district_id, post_id, would_renew, stars, works, lacks, instead,
                                  advice, is_unnamed)
        VALUES (:round_id, :member_id, :district_id, :post_id, :would_renew, :stars, :works, :lacks, :instead,
                :advice, :is_unnamed)
        """,
        round_id=found.id,
        member_id=actor.id,
        district_id=await products.district_of(db, actor),
        post_id=post_id,
        **_values(draft),
    )


async def _change_answer(db: Database, before: OwnAnswer, draft: AnswerDraft) -> None:
    await run(
        db,
        """
        UPDATE round_answer
        SET would_renew = :would_renew, stars = :stars, works = :works, lacks = :lacks, instead = :instead,
            advice = :advice, is_unnamed = :is_unnamed, version = version + 1
        WHERE id = :id
        """,
        id=before.id,
        **_values(draft),
    )


def _values(draft: AnswerDraft) -> dict[str, object]:
    return {name: each for name, each in vars(draft).items() if name != "version"}


# What becomes of rounds when the product :old becomes one with :new.
MERGED: Sequence[str] = (
    "UPDATE review_round SET product_id = :new WHERE product_id = :old",
    "UPDATE review_round SET chosen_product_id = :new WHERE chosen_product_id = :old",
)

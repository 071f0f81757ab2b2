"""Asking the districts that run a product: who may be asked, questions, and names that both sides give.
Owns owner_contact, owner_question, owner_asked.

The post of somebody who asks without a name is a stand-in's: who asked stands in `owner_question` alone.
"""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories.policy import READABLE_THREAD, may_act
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Verdict
from forum.kit.tokens import new_token
from forum.members.types import Actor
from forum.members.unnamed import stand_in
from forum.products import owner_queries, policy, queries, review_queries
from forum.products.owner_queries import CONTACTS
from forum.products.owner_types import MOST_ASKED, Asker, QuestionDraft
from forum.products.queries import HOLD
from forum.products.review_types import ReviewDraft
from forum.products.reviewing import NO_PLACE, shown_as
from forum.products.types import Product
from forum.threads import form_posts
from forum.threads.form_posts import Text

LATELY = "You asked its owners less than a week ago. Write more in that thread, or ask again in a few days."

# What becomes of them when the product :old becomes one with :new; see wiring.PRODUCT_MERGES.
MERGED = (
    """
    INSERT INTO owner_contact (product_id, member_id, created_at)
    SELECT :new, k.member_id, k.created_at FROM owner_contact k WHERE k.product_id = :old
    ON CONFLICT DO NOTHING
    """,
    "DELETE FROM owner_contact WHERE product_id = :old",
    "UPDATE owner_question SET product_id = :new WHERE product_id = :old",
)


async def say_contact(db: Database, actor: Actor, address: str, *, may_be_asked: bool) -> None:
    """Say that one may be asked about a product that one's district runs, or no more. Raises NotFound, Forbidden."""
    async with db.transaction():
        await run(db, HOLD)
        product = await queries.product(db, actor, address)
        if not may_be_asked:
            gone = "DELETE FROM owner_contact WHERE product_id = :product_id AND member_id = :member_id"
            await run(db, gone, product_id=product.id, member_id=actor.id)
            return
        runs_it = await owner_queries.runs(db, await queries.district_of(db, actor), product.id)
        policy.may_be_asked(actor, runs_it=runs_it).require()
        await run(
            db,
            """
            INSERT INTO owner_contact (product_id, member_id) VALUES (:product_id, :member_id) ON CONFLICT DO NOTHING
            """,
            product_id=product.id,
            member_id=actor.id,
        )


async def may_ask(db: Database, actor: Actor) -> Verdict:
    """Whether `actor` may ask owners of products now."""
    allowed = policy.may_ask_owners(actor, await queries.district_of(db, actor))
    if not allowed:
        return allowed
    place = await review_queries.place(db, actor)
    return may_act(actor, place.rights, "ask owners") if place else NO_PLACE


async def ask(db: Database, actor: Actor, address: str, draft: QuestionDraft) -> str:
    """Ask those who run the product at that address and may be asked: up to 20. Returns the path of the thread.

    The same question twice is one. Raises NotFound, Forbidden, Invalid.
    """
    product = await queries.product(db, actor, address)
    (await may_ask(db, actor)).require()
    draft.check()
    text = await form_posts.text(db, draft.body)
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile, and nobody asks the same
        product = await queries.product(db, actor, address)
        (await may_ask(db, actor)).require()
        if lately := await owner_queries.asked_lately(db, actor, product.id):
            if (lately.title, lately.source) == (draft.title, draft.body):
                return lately.thread_path
            raise Invalid(form=LATELY)
        thread_id = await _start(db, actor, product, draft, text)
        question_id = await _insert(db, actor, product, thread_id, is_unnamed=draft.is_unnamed)
        await _notify(db, actor, product, thread_id, question_id, is_unnamed=draft.is_unnamed)
    return f"/t/{thread_id}"


async def close(db: Database, actor: Actor, asked_id: int, *, is_answered: bool) -> None:
    """A question waits for `actor` no more; without an answer the offer to talk is taken back too. Twice is once.

    Raises NotFound.
    """
    async with db.transaction():
        await _held(db, actor, asked_id, OWN_SQL)
        await run(
            db,
            """
            UPDATE owner_asked
            SET closed_at = coalesce(closed_at, now()),
                offered_at = CASE WHEN CAST(:is_answered AS boolean) OR accepted_at IS NOT NULL THEN offered_at END
            WHERE id = :id
            """,
            id=asked_id,
            is_answered=is_answered,
        )


async def offer(db: Database, actor: Actor, asked_id: int) -> None:
    """Offer to exchange names with who asked without one. Twice is once. Raises NotFound, Forbidden."""
    async with db.transaction():
        product = await queries.product(db, actor, await _held(db, actor, asked_id, OWN_UNNAMED_SQL))
        _, size = await shown_as(db, actor, product, ReviewDraft(0, is_unnamed=True))
        await run(
            db,
            "UPDATE owner_asked SET offered_at = now(), size = :size WHERE id = :id AND offered_at IS NULL",
            id=asked_id,
            size=size,
        )


async def decide(db: Database, actor: Actor, asked_id: int, *, accepts: bool) -> None:
    """Exchange names with an owner who offered that, or not. The first word holds. Raises NotFound."""
    async with db.transaction():
        await _held(db, actor, asked_id, OFFERED_SQL)
        await run(db, ACCEPT if accepts else DECLINE, id=asked_id)


ACCEPT = """
    UPDATE owner_asked SET accepted_at = now() WHERE id = :id AND accepted_at IS NULL AND declined_at IS NULL
"""
DECLINE = """
    UPDATE owner_asked SET declined_at = now() WHERE id = :id AND accepted_at IS NULL AND declined_at IS NULL
"""


async def asker(db: Database, actor: Actor, question_id: int) -> Asker:
    """Who asked a question; that one has looked stands in the log. Raises Forbidden, NotFound."""
    policy.may_see_writer(actor).require()
    async with db.transaction():
        found = await owner_queries.asker(db, question_id)
        await audit.record(db, actor.id, Act("question.writer_read", "question", question_id))
    return found


async def erase_questions(db: Database, member_id: int) -> None:
    """Within the end of an account that takes its words along: what was asked without a name has none any more."""
    found = await rows(
        db,
        "SELECT q.post_id FROM owner_question q WHERE q.member_id = :member_id AND q.is_unnamed ORDER BY q.id",
        member_id=member_id,
    )
    for row in found:
        await form_posts.erase_opening(db, row["post_id"])


OWN = "x.member_id = :actor_id"
OWN_UNNAMED = "x.member_id = :actor_id AND x.closed_at IS NULL AND q.is_unnamed"
OFFERED_TO = "q.member_id = :actor_id AND q.is_unnamed AND x.offered_at IS NOT NULL"
HELD_SQL = """
    SELECT pr.slug
    FROM owner_asked x
    JOIN owner_question q ON q.id = x.question_id
    JOIN product pr ON pr.id = q.product_id
    WHERE x.id = :id
"""
OWN_SQL = f"{HELD_SQL} AND {OWN} FOR NO KEY UPDATE OF x"
OWN_UNNAMED_SQL = f"{HELD_SQL} AND {OWN_UNNAMED} FOR NO KEY UPDATE OF x"
OFFERED_SQL = f"{HELD_SQL} AND {OFFERED_TO} FOR NO KEY UPDATE OF x"


async def _held(db: Database, actor: Actor, asked_id: int, held_sql: str) -> str:
    """The address of the product that is asked about, the row of who is asked held. Raises NotFound, Forbidden."""
    policy.may_ask_owners(actor, 0).require()
    slug: str | None = await value(db, held_sql, id=asked_id, actor_id=actor.id)
    if slug is None:
        raise NotFound
    return slug


async def _start(db: Database, actor: Actor, product: Product, draft: QuestionDraft, text: Text) -> int:
    place = await review_queries.place(db, actor)
    if place is None:
        raise Forbidden(NO_PLACE.reason)
    await form_posts.screen(db, actor, place.category_id, f"{draft.title}\n{text.source}")
    name, _ = await shown_as(db, actor, product, ReviewDraft(0, is_unnamed=True))
    return await form_posts.start(
        db,
        await stand_in(db, name) if draft.is_unnamed else actor.id or 0,
        place.category_id,
        kind="question",
        title=draft.title,
        opening=text,
        key=new_token(),
        vendor_id=product.vendor_id,
        keeps_vendors_out=draft.keeps_vendors_out,
    )


async def _insert(db: Database, actor: Actor, product: Product, thread_id: int, *, is_unnamed: bool) -> int:
    question_id: int = await value(
        db,
        """
        INSERT INTO owner_question (product_id, member_id, post_id, is_unnamed)
        VALUES (:product_id, :member_id, :post_id, :is_unnamed)
        RETURNING id
        """,
        product_id=product.id,
        member_id=actor.id,
        post_id=await form_posts.opening_post(db, thread_id),
        is_unnamed=is_unnamed,
    )
    return question_id


async def _notify(
    db: Database, actor: Actor, product: Product, thread_id: int, question_id: int, *, is_unnamed: bool
) -> None:
    """The question waits for those who may be asked and read the thread; of one's own district only where one is not
    named, as who is left out would know why."""
    await run(
        db,
        f"""
        INSERT INTO owner_asked (question_id, member_id)
        SELECT :question_id, r.id
        {CONTACTS}
        JOIN thread t ON t.id = :thread_id
        JOIN category c ON c.id = t.category_id
        WHERE k.product_id = :product_id AND r.id <> :actor_id AND {READABLE_THREAD}
          AND (CAST(:is_unnamed AS boolean) OR u.district_id <> :district_id)
        ORDER BY u.said_at DESC, r.id
        LIMIT :most
        """,
        question_id=question_id,
        thread_id=thread_id,
        product_id=product.id,
        actor_id=actor.id,
        is_unnamed=is_unnamed,
        district_id=await queries.district_of(db, actor),
        most=MOST_ASKED,
    )

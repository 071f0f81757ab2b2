"""Writes of the categories room: adding one, and what other rooms count in it."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories.policy import may_administer
from forum.categories.types import CategoryDraft
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.members.types import Actor

# Whoever makes, changes, orders or removes categories waits for whoever does now, until their transaction ends.
HOLD = "SELECT pg_advisory_xact_lock(hashtext('category.change'))"


async def add_category(db: Database, draft: CategoryDraft, *, actor: Actor | None = None) -> int:
    """Add a category behind the others, for an administrator or (None) for the system. Returns its id.

    Raises Forbidden; Invalid when the draft will not do, its address is taken, or its parent is no category of the
    upper level.
    """
    if actor:
        may_administer(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, HOLD)
        await check_address(db, draft.slug)
        category_id: int = await value(
            db,
            """
            INSERT INTO category (
                slug, name, description, colour, default_kind, ask_template, seen_by, read_by, reply_by, start_by,
                lets_vendors_in, is_hidden, is_archived, holds_first_posts, slow_seconds, parent_id, position
            )
            VALUES (
                :slug, :name, :description, :colour, :default_kind, :ask_template, :seen_by, :read_by, :reply_by,
                :start_by, :lets_vendors_in, :is_hidden, :is_archived, :holds_first_posts, :slow_seconds, :parent_id,
                (SELECT coalesce(max(o.position), 0) + 1 FROM category o)
            )
            RETURNING id
            """,
            **columns(draft),
            parent_id=await upper_category(db, draft.parent),
        )
        await give_groups(db, category_id, draft)
        after = {"slug": draft.slug, "name": draft.name, "read_by": draft.read_by}
        await audit.record(
            db, actor.id if actor else None, Act("category.added", "category", category_id, category_id, after=after)
        )
    return category_id


def columns(draft: CategoryDraft) -> dict[str, object]:
    """What is stored of the draft in the category's own row, but for its parent."""
    elsewhere = ("parent", "read_groups", "reply_groups", "start_groups")
    return {name: each for name, each in vars(draft).items() if name not in elsewhere}


async def check_address(db: Database, slug: str, category_id: int = 0) -> None:
    """Raises Invalid when `slug` is, or was, the address of another category than `category_id`."""
    if await value(
        db,
        "SELECT c.id FROM category c WHERE c.slug = :slug AND c.id <> :category_id",
        slug=slug,
        category_id=category_id,
    ):
        raise Invalid(slug=f"There is a category at /c/{slug} already.")
    if await value(
        db,
        "SELECT o.category_id FROM category_address o WHERE o.slug = :slug AND o.category_id <> :category_id",
        slug=slug,
        category_id=category_id,
    ):
        raise Invalid(slug=f"/c/{slug} leads to a category that had this address before. Choose another one.")


async def upper_category(db: Database, slug: str | None, category_id: int = 0) -> int | None:
    """The id of the category below which `category_id` is to stand; None for no parent. Raises Invalid."""
    if not slug:
        return None
    parent_id = await _category(db, slug)
    if parent_id is None:
        raise Invalid(parent=f"There is no category at /c/{slug}.")
    if parent_id == category_id:
        raise Invalid(parent="A category does not stand below itself.")
    if await value(db, "SELECT c.parent_id FROM category c WHERE c.id = :parent_id", parent_id=parent_id):
        raise Invalid(parent=f"/c/{slug} is below another category itself, and there are two levels.")
    if await value(db, "SELECT c.id FROM category c WHERE c.parent_id = :category_id LIMIT 1", category_id=category_id):
        raise Invalid(parent="Other categories stand below this one, and there are two levels.")
    return parent_id


async def _category(db: Database, slug: str) -> int | None:
    found: int | None = await value(db, "SELECT c.id FROM category c WHERE c.slug = :slug", slug=slug)
    return found


async def give_groups(db: Database, category_id: int, draft: CategoryDraft) -> None:
    """Let the groups of the draft, and no others, do what they may do in it. Raises Invalid."""
    given = {"read": draft.read_groups, "reply": draft.reply_groups, "start": draft.start_groups}
    await run(db, "DELETE FROM category_group WHERE category_id = :category_id", category_id=category_id)
    for may, groups in given.items():
        added = await run(
            db,
            """
            INSERT INTO category_group (category_id, may, group_id)
            SELECT :category_id, :may, g.id FROM member_group g WHERE g.id = ANY(CAST(:groups AS bigint[]))
            """,
            category_id=category_id,
            may=may,
            groups=groups,
        )
        if added < len(groups):
            raise Invalid(**{f"{may}_by": "A group you chose is not there anymore. Choose again."})


async def add_moderator(db: Database, slug: str, member_id: int) -> None:
    """Make a member staff in one category, for the system. Raises Invalid when there is none at `slug`."""
    category_id = await _category(db, slug)
    if category_id is None:
        raise Invalid(category=f"There is no category at /c/{slug}.")
    async with db.transaction():
        await name_moderator(db, None, category_id, member_id)


async def name_moderator(db: Database, actor_id: int | None, category_id: int, member_id: int) -> None:
    """Make a member staff in a category, and record it: inside the caller's transaction; twice is once."""
    is_new = await run(
        db,
        """
        INSERT INTO category_moderator (category_id, member_id) VALUES (:category_id, :member_id)
        ON CONFLICT DO NOTHING
        """,
        category_id=category_id,
        member_id=member_id,
    )
    if is_new:
        await audit.record(db, actor_id, Act("moderator.added", "member", member_id, category_id))


async def keep(db: Database, category_id: int) -> None:
    """Nobody removes the category until the transaction ends. Raises Invalid when somebody has."""
    held = "SELECT c.id FROM category c WHERE c.id = :category_id FOR KEY SHARE"
    if not await value(db, held, category_id=category_id):
        raise Invalid(category="This category is gone. Choose another one.")


async def show_category(db: Database, category_id: int) -> None:
    """A hidden category becomes readable for those it is meant for."""
    await run(db, "UPDATE category SET is_hidden = false WHERE id = :category_id", category_id=category_id)


async def count_threads(db: Database, category_id: int, change: int) -> None:
    """The category has `change` more (or fewer) threads that are not deleted."""
    await run(
        db,
        "UPDATE category SET thread_count = thread_count + :change WHERE id = :category_id",
        change=change,
        category_id=category_id,
    )

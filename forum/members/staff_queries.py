"""Reads for staff: a member's sanctions; for administrators all members with their addresses, and groups."""

from forum.kit.db import Database, many, one, rows
from forum.members.staff_types import (
    Group,
    GroupMember,
    ListedLine,
    ListSummary,
    MemberRow,
    MemberSought,
    Silence,
    Standing,
)
from forum.members.types import Actor

MEMBERS_A_PAGE = 50
LINES_A_PAGE = 200

MEMBER_SQL = """
    SELECT m.id, m.handle, m.name, m.role, m.state, m.suspended_until,
           coalesce(d.name, h.name) AS district_name, m.created_at,
           (SELECT max(s.last_used_at) FROM session s WHERE s.member_id = m.id) AS last_seen_at,
           (SELECT string_agg(e.address, ' ' ORDER BY e.verified_at NULLS LAST, e.address)
            FROM member_email e WHERE e.member_id = m.id) AS addresses
    FROM member m
    LEFT JOIN district d ON d.id = m.district_id
    LEFT JOIN member_privacy x ON x.member_id = m.id AND x.district_for = 'staff'
    LEFT JOIN district h ON h.id = x.district_id
    WHERE m.state NOT IN ('deleted', 'unnamed')
"""


async def standing(db: Database, member_id: int) -> Standing:
    """What staff decide about. Raises NotFound."""
    return await one(
        db,
        Standing,
        """
        SELECT m.id, m.handle, m.role, m.state, m.returns_as, m.suspended_until, m.suspension_reason
        FROM member m
        WHERE m.id = :member_id AND m.state NOT IN ('deleted', 'unnamed')
        """,
        member_id=member_id,
    )


async def silences(db: Database, actor: Actor, member_id: int) -> list[Silence]:
    """Where the member only reads, as far as that is `actor`'s business."""
    return await many(
        db,
        Silence,
        """
        SELECT s.category_id, c.name AS category_name, s.until, s.reason
        FROM silence s
        LEFT JOIN category c ON c.id = s.category_id
        WHERE s.member_id = :member_id AND s.until > now()
          AND (CAST(:is_admin AS boolean) OR s.category_id = ANY(CAST(:moderates AS bigint[])))
        ORDER BY s.category_id NULLS FIRST
        """,
        member_id=member_id,
        is_admin=actor.is_admin,
        moderates=list(actor.moderates),
    )


async def places(db: Database, actor: Actor) -> list[tuple[str, str]]:
    """The categories where `actor` may silence, as id and name for a list of choices."""
    found = await rows(
        db,
        """
        SELECT c.id, c.name FROM category c
        WHERE NOT c.is_hidden AND (CAST(:is_admin AS boolean) OR c.id = ANY(CAST(:moderates AS bigint[])))
        ORDER BY c.position, c.id
        """,
        is_admin=actor.is_admin,
        moderates=list(actor.moderates),
    )
    return [(str(row["id"]), row["name"]) for row in found]


async def members(db: Database, sought: MemberSought) -> list[MemberRow]:
    """Up to a page of members, and one more if there is another page, newest first. For administrators only."""
    return await many(
        db,
        MemberRow,
        f"""
        {MEMBER_SQL}
          AND m.id < :before
          AND (:role = '' OR m.role = :role)
          AND (:state = '' OR m.state = :state)
          AND (:words = '' OR m.name ILIKE :pattern OR m.handle ILIKE :pattern OR EXISTS (
                  SELECT 1 FROM member_email e WHERE e.member_id = m.id AND e.address ILIKE :pattern))
        ORDER BY m.id DESC
        LIMIT :most
        """,
        before=sought.before,
        role=sought.role,
        state=sought.state,
        words=sought.words,
        pattern=sought.pattern,
        most=MEMBERS_A_PAGE + 1,
    )


async def member(db: Database, member_id: int) -> MemberRow:
    """One member as administrators see them. Raises NotFound."""
    return await one(db, MemberRow, f"{MEMBER_SQL} AND m.id = :member_id", member_id=member_id)


async def groups(db: Database) -> list[Group]:
    """Every group by name, with how many are in it."""
    return await many(
        db,
        Group,
        """
        SELECT g.id, g.slug, g.name,
               (SELECT count(*) FROM group_member o WHERE o.group_id = g.id) AS size
        FROM member_group g
        ORDER BY g.name, g.id
        """,
    )


async def group(db: Database, group_id: int) -> Group:
    """One group. Raises NotFound."""
    return await one(
        db,
        Group,
        """
        SELECT g.id, g.slug, g.name, (SELECT count(*) FROM group_member o WHERE o.group_id = g.id) AS size
        FROM member_group g
        WHERE g.id = :group_id
        """,
        group_id=group_id,
    )


async def groups_of(db: Database, member_id: int) -> list[Group]:
    """The groups a member is in, by name."""
    return await many(
        db,
        Group,
        """
        SELECT g.id, g.slug, g.name, CAST(0 AS bigint) AS size
        FROM group_member o JOIN member_group g ON g.id = o.group_id
        WHERE o.member_id = :member_id
        ORDER BY g.name, g.id
        """,
        member_id=member_id,
    )


async def group_members(db: Database, group_id: int, *, after: str = "") -> list[GroupMember]:
    """Up to a page of a group's members, and one more, by handle, behind `after`."""
    return await many(
        db,
        GroupMember,
        """
        SELECT m.id, m.handle, m.name
        FROM group_member o JOIN member m ON m.id = o.member_id
        WHERE o.group_id = :group_id AND m.handle > :after AND m.state NOT IN ('deleted', 'unnamed')
        ORDER BY m.handle
        LIMIT :most
        """,
        group_id=group_id,
        after=after,
        most=MEMBERS_A_PAGE + 1,
    )


async def invitation_list(db: Database, actor: Actor, list_id: int) -> ListSummary:
    """One of `actor`'s own lists, counted. Raises NotFound."""
    return await one(
        db,
        ListSummary,
        """
        SELECT l.id, l.confirmed_at IS NOT NULL AS is_confirmed,
               count(*) FILTER (WHERE w.status = 'new') AS new, count(*) FILTER (WHERE w.status = 'wrong') AS wrong,
               count(*) FILTER (WHERE w.status = 'double') AS double,
               count(*) FILTER (WHERE w.status = 'member') AS member,
               count(*) FILTER (WHERE w.status = 'invited') AS invited
        FROM invitation_list l JOIN invitation_row w ON w.list_id = l.id
        WHERE l.id = :list_id AND l.created_by = :actor_id
        GROUP BY l.id
        """,
        list_id=list_id,
        actor_id=actor.id,
    )


async def lines_to_look_at(db: Database, list_id: int, *, after: int = 0) -> list[ListedLine]:
    """A page of the lines behind `after` that will not be sent, and one more if there is another page."""
    return await many(
        db,
        ListedLine,
        """
        SELECT w.line, w.status, w.problem, w.address
        FROM invitation_row w
        WHERE w.list_id = :list_id AND w.status <> 'new' AND w.line > :after
        ORDER BY w.line
        LIMIT :most
        """,
        list_id=list_id,
        after=after,
        most=LINES_A_PAGE + 1,
    )

"""Reads of the members room."""

from collections.abc import Sequence

from forum.kit.db import Database, first, many, one, rows, value
from forum.kit.errors import Invalid
from forum.kit.tokens import digest
from forum.members.types import INVITATION_DAYS, Actor, Invitation, JoinRequest, MailedLink, OpenSession, Person

# A member `m` as others see one, with the district `d`.
PERSON_COLUMNS = "m.id, m.handle, m.name, m.title, m.role, d.name AS district_name"
PERSON_FROM = "FROM member m LEFT JOIN district d ON d.id = m.district_id"

# For any query with an invitation `i`: it may still be accepted.
OPEN_INVITATION = f"i.accepted_at IS NULL AND i.created_at > now() - interval '{INVITATION_DAYS} days'"

ACTOR_SQL = """
    SELECT m.id, m.handle, m.name, m.role,
           ARRAY(SELECT g.group_id FROM group_member g WHERE g.member_id = m.id) AS groups,
           ARRAY(SELECT x.category_id FROM category_moderator x WHERE x.member_id = m.id) AS moderates,
           ARRAY(SELECT coalesce(s.category_id, 0) FROM silence s WHERE s.member_id = m.id AND s.until > now())
               AS silenced_in
    FROM member m
    WHERE m.state = 'active' AND m.id = :member_id
"""


async def actor(db: Database, member_id: int) -> Actor:
    """The active member as an Actor. Raises NotFound."""
    found = await one(db, _ActorRow, ACTOR_SQL, member_id=member_id)
    return found.actor


class _ActorRow:
    """Turns the arrays of ACTOR_SQL into the sets of an Actor."""

    def __init__(self, *, groups: list[int], moderates: list[int], silenced_in: list[int], **columns: object) -> None:
        sets = {"groups": groups, "moderates": moderates, "silenced_in": silenced_in}
        self.actor = Actor(**{name: frozenset(ids) for name, ids in sets.items()}, **columns)  # type: ignore[arg-type]


async def member_of_address(db: Database, address: str) -> int | None:
    """The id of the member, active or unclaimed, who has this canonical address."""
    found: int | None = await value(
        db,
        """
        SELECT m.id FROM member_email e JOIN member m ON m.id = e.member_id
        WHERE e.address = :address AND m.state <> 'suspended'
        """,
        address=address,
    )
    return found


async def is_unclaimed(db: Database, address: str) -> bool:
    """Whether that canonical address is known from old mails only: its owner has not come yet."""
    found = await value(
        db,
        """
        SELECT m.id FROM member_email e JOIN member m ON m.id = e.member_id
        WHERE e.address = :address AND m.state = 'unclaimed'
        """,
        address=address,
    )
    return found is not None


async def group_ids(db: Database, slugs: Sequence[str]) -> list[int]:
    """The ids of the groups called so. Raises Invalid for one that is not there."""
    found = await rows(
        db,
        "SELECT g.slug, g.id FROM member_group g WHERE g.slug = ANY(CAST(:slugs AS text[]))",
        slugs=list(slugs),
    )
    ids = {row["slug"]: row["id"] for row in found}
    if unknown := [slug for slug in slugs if slug not in ids]:
        raise Invalid(groups=f"There is no group called {unknown[0]}.")
    return [ids[slug] for slug in slugs]


async def mailed_link(db: Database, token: str) -> MailedLink:
    """The mailed link with this token, if it may still be used. Raises NotFound."""
    return await one(
        db,
        MailedLink,
        """
        SELECT l.purpose, l.address, l.next_path, l.district_id, d.name AS district_name
        FROM mailed_link l
        LEFT JOIN district d ON d.id = l.district_id
        WHERE l.token_hash = :token_hash AND l.used_at IS NULL AND l.expires_at > now()
        """,
        token_hash=digest(token),
    )


async def open_sessions(db: Database, actor: Actor) -> list[OpenSession]:
    """Where `actor` is signed in, last used first."""
    return await many(
        db,
        OpenSession,
        """
        SELECT s.id, s.device, s.created_at, s.last_used_at
        FROM session s
        WHERE s.member_id = :member_id AND s.expires_at > now()
        ORDER BY s.last_used_at DESC, s.id DESC
        """,
        member_id=actor.id,
    )


async def person(db: Database, handle: str) -> Person:
    """The member with that handle. Raises NotFound."""
    return await one(
        db,
        Person,
        f"""
        SELECT {PERSON_COLUMNS}, d.enrolment, m.about, m.created_at
        {PERSON_FROM}
        WHERE m.handle = :handle AND m.state <> 'suspended'
        """,
        handle=handle,
    )


async def people(db: Database, *, after: str = "", limit: int = 60) -> list[Person]:
    """Up to `limit` active members whose handles come after `after`, in their order."""
    return await many(
        db,
        Person,
        f"""
        SELECT {PERSON_COLUMNS}
        {PERSON_FROM}
        WHERE m.state = 'active' AND m.handle > :after
        ORDER BY m.handle
        LIMIT :limit
        """,
        after=after,
        limit=limit,
    )


async def demo_people(db: Database, handles: list[str]) -> list[Person]:
    """The people a visitor of the demo may be, in the order of `handles`."""
    return await many(
        db,
        Person,
        f"""
        SELECT {PERSON_COLUMNS}
        {PERSON_FROM}
        WHERE m.handle = ANY(:handles)
        ORDER BY array_position(CAST(:handles AS text[]), m.handle)
        """,
        handles=handles,
    )


async def join_requests(db: Database) -> list[JoinRequest]:
    """Who waits to be let in, oldest first."""
    return await many(
        db,
        JoinRequest,
        """
        SELECT q.id, q.address, q.name, q.title, d.name AS district_name, q.note, q.created_at
        FROM join_request q
        LEFT JOIN district d ON d.id = q.district_id
        WHERE q.decided_at IS NULL
        ORDER BY q.id
        LIMIT 200
        """,
    )


async def invitations(db: Database) -> list[Invitation]:
    """Invitations that may still be accepted, newest first."""
    return await many(
        db,
        Invitation,
        f"""
        SELECT i.id, i.address, m.name AS inviter_name, i.created_at
        FROM invitation i
        JOIN member m ON m.id = i.invited_by
        WHERE {OPEN_INVITATION}
        ORDER BY i.created_at DESC, i.id DESC
        LIMIT 200
        """,
    )


async def open_invitation(db: Database, address: str) -> int | None:
    """The id of the invitation to that address that may still be accepted."""
    found: int | None = await value(
        db, f"SELECT i.id FROM invitation i WHERE i.address = :address AND {OPEN_INVITATION}", address=address
    )
    return found


async def member_with_address(db: Database, address: str) -> Person | None:
    """The member who has this address, of any state."""
    return await first(
        db,
        Person,
        f"""
        SELECT {PERSON_COLUMNS}
        FROM member_email e
        JOIN member m ON m.id = e.member_id
        LEFT JOIN district d ON d.id = m.district_id
        WHERE e.address = :address
        """,
        address=address,
    )

"""Reads of the members room."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from forum.districts.queries import domain_book
from forum.kit.db import Database, first, many, one, rows, run, value
from forum.kit.errors import Invalid
from forum.kit.tokens import digest
from forum.kit.zones import zone_of
from forum.members.address import domain_of
from forum.members.types import (
    GUEST,
    INVITATION_DAYS,
    Account,
    Actor,
    Invitation,
    JoinRequest,
    MailedLink,
    OpenSession,
    Person,
    Privacy,
)

# A member `m` as others see one, with the district `d`.
PERSON_COLUMNS = "m.id, m.handle, m.name, m.title, m.role, d.name AS district_name"
PERSON_FROM = "FROM member m LEFT JOIN district d ON d.id = m.district_id"

# Of a member `m` with what they keep back, `x`: whether the reader sees a field that is not for all members.
SEES_TITLE = "(x.title_for = 'staff' AND CAST(:is_staff AS boolean) OR m.id = CAST(:reader_id AS bigint))"
SEES_ABOUT = "(x.about_for = 'staff' AND CAST(:is_staff AS boolean) OR m.id = CAST(:reader_id AS bigint))"
SEES_JOINED = "(x.joined_for = 'staff' AND CAST(:is_staff AS boolean) OR m.id = CAST(:reader_id AS bigint))"
SEES_DISTRICT = "(x.district_for = 'staff' AND CAST(:is_staff AS boolean) OR m.id = CAST(:reader_id AS bigint))"

# For any query with an invitation `i`: it may still be accepted.
OPEN_INVITATION = f"i.accepted_at IS NULL AND i.created_at > now() - interval '{INVITATION_DAYS} days'"

ACTOR_SQL = """
    SELECT m.id, m.handle, m.name, m.role,
           ARRAY(SELECT g.group_id FROM group_member g WHERE g.member_id = m.id) AS groups,
           ARRAY(SELECT x.category_id FROM category_moderator x WHERE x.member_id = m.id AND m.role <> 'vendor')
               AS moderates,
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
    """The id of the member who has this canonical address and may sign in with it: active, or not yet come."""
    found: int | None = await value(
        db,
        """
        SELECT m.id FROM member_email e JOIN member m ON m.id = e.member_id
        WHERE e.address = :address AND m.state IN ('active', 'unclaimed')
        """,
        address=address,
    )
    return found


async def account(db: Database, address: str) -> Account | None:
    """Whoever has this canonical address, in any state."""
    return await first(
        db,
        Account,
        """
        SELECT m.id, m.state, m.suspended_until, m.suspension_reason
        FROM member_email e JOIN member m ON m.id = e.member_id
        WHERE e.address = :address
        """,
        address=address,
    )


async def mail_address(db: Database, member_id: int) -> str | None:
    """Where mail for this member goes: the address they chose, else the first they have shown to be theirs."""
    found: str | None = await value(
        db,
        """
        SELECT e.address FROM member_email e
        WHERE e.member_id = :member_id AND e.verified_at IS NOT NULL
        ORDER BY e.is_primary DESC, e.verified_at, e.address
        LIMIT 1
        """,
        member_id=member_id,
    )
    return found


async def member_called(db: Database, name: str) -> int | None:
    """The id of the active member with that handle or verified address; None for nobody."""
    found: int | None = await value(
        db,
        """
        SELECT m.id FROM member m
        WHERE m.state = 'active' AND (m.handle = lower(:name) OR EXISTS (
            SELECT 1 FROM member_email e
            WHERE e.member_id = m.id AND e.address = lower(:name) AND e.verified_at IS NOT NULL
        ))
        ORDER BY m.id
        LIMIT 1
        """,
        name=name.removeprefix("@"),
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
    """Where `actor` is signed in, last used first; at most a hundred."""
    return await many(
        db,
        OpenSession,
        """
        SELECT s.id, s.device, s.place, s.created_at, s.last_used_at
        FROM session s
        WHERE s.member_id = :member_id AND s.expires_at > now()
        ORDER BY s.last_used_at DESC, s.id DESC
        LIMIT 100
        """,
        member_id=actor.id,
    )


async def person(db: Database, handle: str, reader: Actor = GUEST) -> Person:
    """The member with that handle, each field as its owner shows it to `reader`. Raises NotFound.

    Administrators also find those who are suspended or have deactivated their account.
    """
    return await one(
        db,
        Person,
        f"""
        SELECT m.id, m.handle, m.name, m.role, m.state, d.name AS district_name, d.enrolment,
               CASE WHEN {SEES_TITLE} AND x.title <> '' THEN x.title ELSE m.title END AS title,
               CASE WHEN {SEES_ABOUT} AND x.about <> '' THEN x.about ELSE m.about END AS about,
               CASE WHEN coalesce(x.joined_for, 'members') = 'members' OR {SEES_JOINED} THEN m.created_at END
                   AS created_at
        FROM member m
        LEFT JOIN member_privacy x ON x.member_id = m.id
        LEFT JOIN district d ON d.id = CASE WHEN {SEES_DISTRICT} THEN coalesce(x.district_id, m.district_id)
                                            ELSE m.district_id END
        WHERE m.handle = :handle
          AND (m.state IN ('active', 'unclaimed')
               OR CAST(:is_admin AS boolean) AND m.state NOT IN ('deleted', 'unnamed'))
        """,
        handle=handle,
        reader_id=reader.id,
        is_staff=reader.is_staff,
        is_admin=reader.is_admin,
    )


# The name of the time zone that a reader `r` chose, or else of their district's; '' for neither, and for guests.
READER_ZONE = """coalesce(
    (SELECT nullif(zw.time_zone, '') FROM mail_wish zw WHERE zw.member_id = r.id),
    (SELECT zo.time_zone FROM district zo WHERE zo.id = r.district_id),
    ''
)"""


async def time_zone(db: Database, member_id: int) -> str:
    """The name of the time zone they chose, or else of their district's; "" for neither."""
    found: str | None = await value(
        db, f"SELECT {READER_ZONE} FROM member r WHERE r.id = :member_id", member_id=member_id
    )
    return found or ""


async def hold(db: Database, member_id: int | None) -> None:
    """Whoever else holds this member, for their ways in or what they follow, waits until the transaction ends."""
    await run(db, "SELECT m.id FROM member m WHERE m.id = :member_id FOR NO KEY UPDATE", member_id=member_id)


async def zone(db: Database, member_id: int, otherwise: str) -> ZoneInfo:
    """The time zone of a member, or the one called `otherwise`: the site's."""
    return zone_of(await time_zone(db, member_id), otherwise)


async def privacy(db: Database, actor: Actor) -> Privacy:
    """Who sees which field of `actor`'s profile."""
    found = await first(
        db,
        Privacy,
        """
        SELECT x.title_for, x.district_for, x.about_for, x.joined_for, x.topics_for
        FROM member_privacy x
        WHERE x.member_id = :member_id
        """,
        member_id=actor.id,
    )
    return found or Privacy()


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


async def join_requests(db: Database, ids: Sequence[int] | None = None) -> list[JoinRequest]:
    """Who waits to be let in, oldest first, up to 200: of those `ids`, or of all."""
    found = await many(
        db,
        JoinRequest,
        """
        SELECT q.id, q.address, q.name, q.title, d.name AS district_name, q.note, q.created_at
        FROM join_request q
        LEFT JOIN district d ON d.id = q.district_id
        WHERE q.decided_at IS NULL AND (CAST(:ids AS bigint[]) IS NULL OR q.id = ANY(CAST(:ids AS bigint[])))
        ORDER BY q.id
        LIMIT 200
        """,
        ids=None if ids is None else list(ids),
    )
    if not found:
        return []
    book = await domain_book(db)
    return [replace(each, is_vendor=book.kind_of(domain_of(each.address)) == "vendor") for each in found]


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

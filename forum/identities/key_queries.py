"""Reads of keys and ways in."""

from forum.identities.key_types import SETUP_MINUTES, CodeSecret, Keys, Passkey, Ways
from forum.kit.db import Database, first, many, one, rows
from forum.members.types import Actor

# Of a member `m`: what leads into their account. Addresses do so while links may be mailed.
WAYS_SQL = """
    SELECT (SELECT count(*) FROM member_email e
            WHERE e.member_id = m.id AND e.verified_at IS NOT NULL
              AND NOT EXISTS (SELECT FROM site_setting ss WHERE 'mail' = ANY(ss.methods_off))) AS addresses,
           (SELECT count(*) FROM identity i WHERE i.member_id = m.id) AS identities,
           (SELECT count(*) FROM passkey p WHERE p.member_id = m.id) AS passkeys
    FROM member m
    WHERE m.id = :member_id
"""


async def keys(db: Database, actor: Actor) -> Keys:
    """The actor's second factors; a guest has none."""
    passkeys = await many(
        db,
        Passkey,
        """
        SELECT p.id, p.name, p.created_at, p.last_used_at
        FROM passkey p
        WHERE p.member_id = :member_id
        ORDER BY p.id
        """,
        member_id=actor.id,
    )
    found = await rows(
        db,
        """
        SELECT EXISTS (SELECT FROM code_secret c WHERE c.member_id = :member_id AND c.confirmed_at IS NOT NULL)
                   AS codes,
               (SELECT count(*) FROM recovery_code y WHERE y.member_id = :member_id AND y.used_at IS NULL) AS left
        """,
        member_id=actor.id,
    )
    return Keys(tuple(passkeys), found[0]["codes"], found[0]["left"])


async def ways(db: Database, member_id: int) -> Ways:
    """How many ways in the member has. Raises NotFound."""
    return await one(db, Ways, WAYS_SQL, member_id=member_id)


async def secret_being_set_up(db: Database, actor: Actor) -> CodeSecret | None:
    """The secret that the actor's app is to take over now; None when there is none, or it is confirmed or too old."""
    return await first(
        db,
        CodeSecret,
        f"""
        SELECT c.secret, c.last_step
        FROM code_secret c
        WHERE c.member_id = :member_id AND c.confirmed_at IS NULL
          AND c.created_at > now() - interval '{SETUP_MINUTES} minutes'
        """,
        member_id=actor.id,
    )


async def credential_ids(db: Database, actor: Actor) -> list[bytes]:
    """What the actor's passkeys are called among browsers."""
    found = await rows(
        db, "SELECT p.credential_id FROM passkey p WHERE p.member_id = :member_id ORDER BY p.id", member_id=actor.id
    )
    return [row["credential_id"] for row in found]

"""Reads of the administration room."""

from forum.administration.types import Facts
from forum.kit.db import Database, one, value
from forum.members.queries import OPEN_INVITATION


async def facts(db: Database) -> Facts:
    """How far the site is set up."""
    return await one(
        db,
        Facts,
        f"""
        SELECT (SELECT mt.is_good FROM mail_test mt ORDER BY mt.id DESC LIMIT 1) AS mail_works,
               (SELECT count(*) FROM category c WHERE NOT c.is_hidden) AS categories,
               (SELECT count(*) FROM member m WHERE m.role = 'admin' AND m.state = 'active') AS admins,
               (SELECT count(*) FROM member m
                WHERE m.role = 'admin' AND m.state = 'active'
                      AND NOT EXISTS (SELECT 1 FROM passkey pk WHERE pk.member_id = m.id)
                      AND NOT EXISTS (
                          SELECT 1 FROM code_secret cs WHERE cs.member_id = m.id AND cs.confirmed_at IS NOT NULL
                      )) AS admins_without_key,
               (SELECT count(*) FROM member m WHERE m.role <> 'admin' AND m.state = 'active') AS others,
               (SELECT count(*) FROM invitation i WHERE {OPEN_INVITATION}) AS invited
        """,
    )


async def locked_out(db: Database, ways: list[str]) -> int:
    """How many active administrators could not sign in by any of `ways`: "mail", "passkey" and keys of providers."""
    count: int = await value(
        db,
        """
        SELECT count(*) FROM member m
        WHERE m.role = 'admin' AND m.state = 'active'
              AND NOT ('mail' = ANY(CAST(:ways AS text[])) AND EXISTS (
                  SELECT 1 FROM member_email e WHERE e.member_id = m.id AND e.verified_at IS NOT NULL
              ))
              AND NOT ('passkey' = ANY(CAST(:ways AS text[])) AND EXISTS (
                  SELECT 1 FROM passkey pk WHERE pk.member_id = m.id
              ))
              AND NOT EXISTS (
                  SELECT 1 FROM identity i WHERE i.member_id = m.id AND i.provider = ANY(CAST(:ways AS text[]))
              )
        """,
        ways=ways,
    )
    return count

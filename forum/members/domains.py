"""What administrators decide about mail domains: whose people join by themselves, wait, or stay out."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.districts import commands
from forum.kit.db import Database
from forum.members.policy import may_administer
from forum.members.types import Actor


async def add_domain(db: Database, actor: Actor, district_id: int, domain: str) -> None:
    """Let the people of a mail domain join a district by themselves. Raises Forbidden, Invalid."""
    may_administer(actor).require()
    async with db.transaction():
        await commands.add_domain(db, district_id, domain)
        await record(db, actor.id, Act("domain.added", "district", district_id, after={"domain": domain.strip()}))


async def remove_domain(db: Database, actor: Actor, district_id: int, domain: str) -> None:
    """Nobody of that domain joins by themselves any more; twice is once. Raises Forbidden."""
    may_administer(actor).require()
    async with db.transaction():
        if await commands.remove_domain(db, domain):
            await record(db, actor.id, Act("domain.removed", "district", district_id, before={"domain": domain}))


async def add_rule(db: Database, actor: Actor, kind: str, domain: str) -> None:
    """Block a mail domain, or hold its people for approval as vendors. Raises Forbidden, Invalid."""
    may_administer(actor).require()
    async with db.transaction():
        await commands.add_rule(db, kind, domain)
        after = {"kind": kind, "domain": domain.strip()}
        await record(db, actor.id, Act("domain.ruled", "domain_rule", 0, after=after))


async def remove_rule(db: Database, actor: Actor, domain: str) -> None:
    """The domain is like any other again; twice is once. Raises Forbidden."""
    may_administer(actor).require()
    async with db.transaction():
        if await commands.remove_rule(db, domain):
            await record(db, actor.id, Act("domain.unruled", "domain_rule", 0, before={"domain": domain}))

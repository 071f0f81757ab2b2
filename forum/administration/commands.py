"""What administrators do to the site: each act allowed, done and recorded in one transaction."""

from dataclasses import asdict, replace
from typing import Any
from zoneinfo import ZoneInfo

from forum.administration import queries
from forum.administration.policy import may_run_site, may_switch_off
from forum.audit.commands import record
from forum.audit.types import THE_SITE, Act
from forum.kit import pictures, queue
from forum.kit.clocks import moment_words
from forum.kit.db import Database
from forum.kit.errors import Invalid, NotFound
from forum.kit.markdown import render_safely
from forum.kit.text import has_words, one_line
from forum.members.types import Actor
from forum.site import commands as site
from forum.site.contrast import checked
from forum.site.types import MAX_NOTE, MAX_PAGE, PAGES, AnnouncementDraft, LookDraft

LOGO_WIDTH, LOGO_HEIGHT = 480, 160


async def name_and_colour(db: Database, actor: Actor, draft: LookDraft) -> None:
    """Set the site's name and accent colour; "" takes either back. Raises Forbidden, Invalid."""
    draft = LookDraft(one_line(draft.name), draft.accent.strip())
    problems = draft.problems
    try:
        accent = checked(draft.accent) if draft.accent else ""
    except Invalid as problem:
        problems |= problem.fields
    if problems:
        raise Invalid(**problems)
    await _set(db, actor, "site.named", name=draft.name, accent=accent)


async def switch(
    db: Database, actor: Actor, *, is_open_to_guests: bool, takes_requests: bool, is_indexed: bool
) -> None:
    """Set what guests, newcomers and search engines may do. Raises Forbidden."""
    await _set(
        db,
        actor,
        "site.switched",
        is_open_to_guests=is_open_to_guests,
        takes_requests=takes_requests,
        is_indexed=is_indexed,
    )


async def note_backups(db: Database, actor: Actor, note: str) -> None:
    """Write down where backups are and who restores them. Raises Forbidden, Invalid."""
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise Invalid(backup_note=f"At most {MAX_NOTE} characters; this has {len(note)}.")
    may_run_site(actor).require()
    async with db.transaction():
        setting = await site.locked_setting(db)
        if setting.backup_note != note:
            await site.change(db, replace(setting, backup_note=note))
            await record(db, actor.id, Act("site.backups_noted", "site", THE_SITE))


async def switch_method(db: Database, actor: Actor, method: str, *, is_on: bool, set_up: frozenset[str]) -> None:
    """Switch a way to sign in on or off. set_up: those that would work if they are on.

    Raises Forbidden for the last way, and where an administrator has no other.
    """
    may_run_site(actor).require()
    async with db.transaction():
        setting = await site.locked_setting(db)
        if is_on:
            off = tuple(each for each in setting.methods_off if each != method)
        else:
            on = set_up - {method, *setting.methods_off}
            may_switch_off(actor, on=on, locked_out=await queries.locked_out(db, sorted(on))).require()
            off = tuple(sorted({*setting.methods_off, method}))
        await _set(db, actor, "site.sign_in_switched", methods_off=off)


async def note_provider_test(db: Database, actor: Actor, provider: str, *, is_good: bool) -> None:
    """Keep that a provider was tested. Raises Forbidden."""
    may_run_site(actor).require()
    await record(db, actor.id, Act("provider.tested", "site", THE_SITE, after={provider: is_good}))


async def put_checklist_away(db: Database, actor: Actor, *, is_away: bool) -> None:
    """Stop showing what is left to set up, or show it again. Raises Forbidden."""
    await _set(db, actor, "site.set_up", is_set_up=is_away)


async def _set(db: Database, actor: Actor, act: str, **fields: Any) -> None:
    may_run_site(actor).require()
    async with db.transaction():
        before = await site.locked_setting(db)
        after = replace(before, **fields)
        if after == before:
            return
        await site.change(db, after)
        old, new = asdict(before), asdict(after)
        changed = [name for name in fields if old[name] != new[name]]
        await record(
            db,
            actor.id,
            Act(
                act,
                "site",
                THE_SITE,
                before={name: old[name] for name in changed},
                after={name: new[name] for name in changed},
            ),
        )


async def show_logo(db: Database, actor: Actor, sent: bytes) -> None:
    """Show a picture beside the site's name. Raises Forbidden, Invalid, TooMany."""
    may_run_site(actor).require()
    await _show_logo(db, actor, await pictures.png(sent, width=LOGO_WIDTH, height=LOGO_HEIGHT))


async def remove_logo(db: Database, actor: Actor) -> None:
    """Show no picture. Raises Forbidden."""
    may_run_site(actor).require()
    await _show_logo(db, actor, None)


async def _show_logo(db: Database, actor: Actor, png: bytes | None) -> None:
    async with db.transaction():
        before = (await site.locked_setting(db)).logo_hash
        after = await site.show_logo(db, png)
        if before != after:
            act = Act("site.logo_changed", "site", THE_SITE, before={"logo": before}, after={"logo": after})
            await record(db, actor.id, act)


async def announce(db: Database, actor: Actor, draft: AnnouncementDraft) -> None:
    """Show a line above every page for a while; the same form twice is once. Raises Forbidden, Invalid, TooMany."""
    may_run_site(actor).require()
    times = draft.check()
    html = (await render_safely(draft.body)).html
    async with db.transaction():
        announcement_id = await site.announce(db, draft, html)
        if announcement_id is not None:
            begins, ends = (moment_words(at, ZoneInfo(draft.time_zone)) for at in times)
            after = {"kind": draft.kind, "audience": draft.audience, "from": begins, "until": ends}
            await record(db, actor.id, Act("announcement.made", "announcement", announcement_id, after=after))


async def withdraw(db: Database, actor: Actor, announcement_id: int) -> None:
    """Take an announcement away; twice is once. Raises Forbidden."""
    may_run_site(actor).require()
    async with db.transaction():
        if await site.withdraw(db, announcement_id):
            await record(db, actor.id, Act("announcement.withdrawn", "announcement", announcement_id))


async def publish(db: Database, actor: Actor, slug: str, body: str, *, seen: int) -> int:
    """Publish the terms or the page about privacy, made from version `seen` (0: none). Returns the newest version.

    Raises Forbidden, NotFound, Invalid, TooMany.
    """
    may_run_site(actor).require()
    if slug not in PAGES:
        raise NotFound
    body = body.strip()
    if not has_words(body):
        raise Invalid(body="Write something before you publish it.")
    if len(body) > MAX_PAGE:
        raise Invalid(body=f"At most {MAX_PAGE} characters; this has {len(body)}.")
    html = (await render_safely(body)).html
    async with db.transaction():
        version = await site.publish(db, slug, body, html, seen=seen, member_id=actor.id)
        if version is None:
            return seen
        act = Act(f"{slug}.published", "site_page", list(PAGES).index(slug) + 1, after={"version": version})
        await record(db, actor.id, act)
    return version


async def note_mail_test(db: Database, actor: Actor, outcome: str, *, is_good: bool) -> None:
    """Keep what came of a test mail. Raises Forbidden."""
    may_run_site(actor).require()
    async with db.transaction():
        test_id = await site.note_mail_test(db, actor.id, outcome, is_good=is_good)
        await record(db, actor.id, Act("mail.tested", "mail_test", test_id, after={"is_good": is_good}))


async def retry_job(db: Database, actor: Actor, job_id: int) -> None:
    """Run a held job again; twice is once. Raises Forbidden."""
    may_run_site(actor).require()
    async with db.transaction():
        if await queue.retry(db, job_id):
            await record(db, actor.id, Act("job.retried", "job", job_id))


async def retry_jobs(db: Database, actor: Actor) -> int:
    """Run every held job again. Returns how many. Raises Forbidden."""
    may_run_site(actor).require()
    async with db.transaction():
        count = await queue.retry_all(db)
        if count:
            await record(db, actor.id, Act("jobs.retried", "site", THE_SITE, after={"count": count}))
    return count


async def drop_job(db: Database, actor: Actor, job_id: int) -> None:
    """Give a held job up; twice is once. Raises Forbidden."""
    may_run_site(actor).require()
    async with db.transaction():
        if await queue.drop(db, job_id):
            await record(db, actor.id, Act("job.dropped", "job", job_id))

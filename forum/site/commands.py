"""Writes of the site room, each inside the transaction of forum/administration, which knows who may and records it."""

import hashlib

from forum.kit.db import Database, first, run, value
from forum.kit.errors import Invalid
from forum.site.queries import SETTING_SQL
from forum.site.types import AnnouncementDraft, Setting

KEPT_TESTS = 20


async def locked_setting(db: Database) -> Setting:
    """What is set now; nobody else changes it until the transaction ends."""
    await run(db, "INSERT INTO site_setting (id) VALUES (true) ON CONFLICT DO NOTHING")
    return await first(db, Setting, f"{SETTING_SQL} FOR NO KEY UPDATE") or Setting()


async def change(db: Database, setting: Setting) -> None:
    """Store a changed copy of `locked_setting`; the logo has its own command."""
    await run(
        db,
        """
        UPDATE site_setting
        SET name = :name, accent = :accent, is_open_to_guests = :is_open_to_guests, takes_requests = :takes_requests,
            is_indexed = :is_indexed, methods_off = CAST(:methods_off AS text[]), backup_note = :backup_note,
            is_set_up = :is_set_up
        """,
        name=setting.name,
        accent=setting.accent,
        is_open_to_guests=setting.is_open_to_guests,
        takes_requests=setting.takes_requests,
        is_indexed=setting.is_indexed,
        methods_off=list(setting.methods_off),
        backup_note=setting.backup_note,
        is_set_up=setting.is_set_up,
    )


async def show_logo(db: Database, png: bytes | None) -> str:
    """Store the logo, or none. Returns its hash, "" for none."""
    logo_hash = hashlib.sha256(png).hexdigest()[:16] if png else ""
    await run(db, "UPDATE site_setting SET logo = :png, logo_hash = :logo_hash", png=png, logo_hash=logo_hash)
    return logo_hash


async def announce(db: Database, draft: AnnouncementDraft, html: str) -> int | None:
    """A new announcement; returns its id, None when this form was sent before. Raises Invalid."""
    from_at, until_at = draft.check()
    found: int | None = await value(
        db,
        """
        INSERT INTO announcement (client_key, kind, audience, body, html, from_at, until_at)
        VALUES (:client_key, :kind, :audience, :body, :html, :from_at, :until_at)
        ON CONFLICT (client_key) DO NOTHING
        RETURNING id
        """,
        client_key=draft.client_key,
        kind=draft.kind,
        audience=draft.audience,
        body=draft.body,
        html=html,
        from_at=from_at,
        until_at=until_at,
    )
    return found


async def withdraw(db: Database, announcement_id: int) -> bool:
    """Take an announcement away. Returns whether it was still there."""
    return bool(await run(db, "DELETE FROM announcement WHERE id = :id", id=announcement_id))


async def publish(db: Database, slug: str, body: str, html: str, *, seen: int, member_id: int | None) -> int | None:
    """A new version of a page made from version `seen` (0: none). Returns its number, None when nothing changed.

    Raises Invalid when somebody else published one meanwhile.
    """
    await run(db, "SELECT pg_advisory_xact_lock(hashtext('site_page'), hashtext(:slug))", slug=slug)
    newest = await value(db, "SELECT max(sp.version) FROM site_page sp WHERE sp.slug = :slug", slug=slug) or 0
    old = await value(
        db,
        "SELECT sp.body FROM site_page sp WHERE sp.slug = :slug AND sp.version = :version",
        slug=slug,
        version=newest,
    )
    if old == body:
        return None
    if newest != seen:
        raise Invalid(body=f"Somebody published version {newest} meanwhile. Open it, and put your changes into that.")
    await run(
        db,
        """
        INSERT INTO site_page (slug, version, body, html, published_by)
        VALUES (:slug, :version, :body, :html, :member_id)
        """,
        slug=slug,
        version=newest + 1,
        body=body,
        html=html,
        member_id=member_id,
    )
    return int(newest) + 1


async def agree(db: Database, member_id: int, version: int) -> None:
    """Keep that a member agreed to a version of the terms; twice is once."""
    await run(
        db,
        "INSERT INTO terms_consent (member_id, version) VALUES (:member_id, :version) ON CONFLICT DO NOTHING",
        member_id=member_id,
        version=version,
    )


async def note_mail_test(db: Database, member_id: int | None, outcome: str, *, is_good: bool) -> int:
    """Keep what came of a test mail; the oldest beyond twenty go. Returns its id."""
    test_id: int = await value(
        db,
        """
        INSERT INTO mail_test (tested_by, is_good, outcome) VALUES (:member_id, :is_good, :outcome) RETURNING id
        """,
        member_id=member_id,
        is_good=is_good,
        outcome=outcome,
    )
    await run(
        db,
        """
        DELETE FROM mail_test
        WHERE id NOT IN (SELECT mt.id FROM mail_test mt ORDER BY mt.id DESC LIMIT :kept)
        """,
        kept=KEPT_TESTS,
    )
    return test_id

"""Reads of the site room."""

import json
from functools import lru_cache

from forum.kit.db import Database, many, one, value
from forum.kit.settings import Settings
from forum.site.types import Announcement, Banner, MailTest, PageVersion, Setting, Site, SitePage, Terms

# For any query: what every page knows of the site, as JSON text for `known_site`.
SITE = """(
    SELECT CAST(json_build_array(
        coalesce(ss.name, ''), coalesce(ss.accent, ''), coalesce(ss.logo_hash, ''),
        coalesce(ss.is_open_to_guests, true), coalesce(ss.takes_requests, true), coalesce(ss.is_indexed, false),
        coalesce(ss.methods_off, '{}'),
        (SELECT json_agg(json_build_array(n.id, n.kind, n.audience, n.html) ORDER BY n.id DESC)
         FROM announcement n WHERE n.until_at > now() AND n.from_at <= now()),
        (SELECT json_agg(json_build_array(sp.slug, sp.version) ORDER BY sp.slug DESC)
         FROM site_page sp
         WHERE sp.version = (SELECT max(v.version) FROM site_page v WHERE v.slug = sp.slug))
    ) AS text)
    FROM (SELECT 1) nothing LEFT JOIN site_setting ss ON true
)"""

SETTING_SQL = """
    SELECT ss.name, ss.accent, ss.logo_hash, ss.is_open_to_guests, ss.takes_requests, ss.is_indexed, ss.methods_off,
           ss.backup_note, ss.is_set_up
    FROM site_setting ss
"""

ANNOUNCEMENT_SQL = """
    SELECT n.id, n.kind, n.audience, n.body, n.html, n.from_at, n.until_at,
           n.from_at <= now() AND n.until_at > now() AS is_shown, n.until_at <= now() AS is_over
    FROM announcement n
"""


@lru_cache(maxsize=64)
def known_site(text: str, default_name: str) -> Site:
    """The site in the JSON text of SITE. Kept by that text: all requests share one until something changes."""
    name, accent, logo_hash, is_open, takes_requests, is_indexed, methods_off, banners, pages = json.loads(text)
    return Site(
        name=name or default_name,
        accent=accent,
        logo_hash=logo_hash,
        is_open_to_guests=is_open,
        takes_requests=takes_requests,
        is_indexed=is_indexed,
        methods_off=frozenset(methods_off),
        banners=tuple(Banner(*columns) for columns in banners or ()),
        pages=tuple((slug, version) for slug, version in pages or ()),
    )


async def site(db: Database, settings: Settings) -> Site:
    """The site, for jobs and wherever no request has read it already."""
    return known_site(await value(db, f"SELECT {SITE}"), settings.site_name)


async def site_name(db: Database, settings: Settings) -> str:
    """What the site is called, on pages and in mails."""
    found: str | None = await value(db, "SELECT ss.name FROM site_setting ss")
    return found or settings.site_name


async def setting(db: Database) -> Setting:
    """What administrators have set."""
    found = await many(db, Setting, SETTING_SQL)
    return found[0] if found else Setting()


async def logo(db: Database, logo_hash: str) -> bytes | None:
    """The logo's PNG, if it is still that one."""
    found: bytes | None = await value(
        db, "SELECT ss.logo FROM site_setting ss WHERE ss.logo_hash = :logo_hash", logo_hash=logo_hash
    )
    return found


async def announcements(db: Database) -> list[Announcement]:
    """Announcements that are or will be shown, and the latest of those that are over, latest end first."""
    return await many(db, Announcement, f"{ANNOUNCEMENT_SQL} ORDER BY n.until_at DESC, n.id DESC LIMIT 50")


async def announcement(db: Database, announcement_id: int) -> Announcement:
    """One announcement. Raises NotFound."""
    return await one(db, Announcement, f"{ANNOUNCEMENT_SQL} WHERE n.id = :id", id=announcement_id)


async def page(db: Database, slug: str, version: int | None = None) -> SitePage:
    """That version of a page, or its newest. Raises NotFound."""
    return await one(
        db,
        SitePage,
        """
        SELECT sp.slug, sp.version, sp.body, sp.html, sp.published_at,
               (SELECT max(v.version) FROM site_page v WHERE v.slug = sp.slug) AS newest
        FROM site_page sp
        WHERE sp.slug = :slug AND sp.version = coalesce(
            CAST(:version AS integer), (SELECT max(v.version) FROM site_page v WHERE v.slug = :slug)
        )
        """,
        slug=slug,
        version=version,
    )


async def page_versions(db: Database, slug: str) -> list[PageVersion]:
    """When that page was published and by whom, newest first."""
    return await many(
        db,
        PageVersion,
        """
        SELECT sp.version, sp.published_at, m.name AS publisher
        FROM site_page sp
        LEFT JOIN member m ON m.id = sp.published_by
        WHERE sp.slug = :slug
        ORDER BY sp.version DESC
        LIMIT 100
        """,
        slug=slug,
    )


async def published_terms(db: Database) -> Terms | None:
    """The terms a newcomer agrees to; None while none are published."""
    found = await many(
        db,
        Terms,
        """
        SELECT sp.version, sp.published_at
        FROM site_page sp
        WHERE sp.slug = 'terms'
        ORDER BY sp.version DESC
        LIMIT 1
        """,
    )
    return found[0] if found else None


async def mail_tests(db: Database, *, limit: int = 10) -> list[MailTest]:
    """What came of the latest test mails, newest first."""
    return await many(
        db,
        MailTest,
        """
        SELECT mt.id, mt.tested_at, m.name AS tester, mt.is_good, mt.outcome
        FROM mail_test mt
        LEFT JOIN member m ON m.id = mt.tested_by
        ORDER BY mt.id DESC
        LIMIT :limit
        """,
        limit=limit,
    )

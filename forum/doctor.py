"""Looks at a site and says what is wrong with it and how to mend it."""

import shutil
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiosmtplib
import asyncpg

from forum.kit.db import connect
from forum.kit.errors import Unavailable
from forum.kit.meili import meili_for
from forum.kit.migrate import MigrationError, pending
from forum.kit.settings import Settings, is_loopback
from forum.search.checking import compare

LITTLE_SPACE = 500_000_000
UNREACHABLE = (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `words` say how it is, and what to do unless `is_good`."""

    what: str
    words: str
    is_good: bool = True


async def examine(url: str, settings: Settings) -> list[Finding]:
    """Everything there is to say about the site whose database is at `url`."""
    return [
        await _database(url),
        await _administrator(url),
        _base_url(settings),
        await _mail(settings),
        await _search(url, settings),
        _disk(settings),
    ]


async def _database(url: str) -> Finding:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except UNREACHABLE as error:
        return Finding("Database", f"no answer ({type(error).__name__}). Check DATABASE_URL and the server.", False)
    try:
        missing = await pending(connection)
        version = connection.get_server_version()
    except MigrationError as error:
        return Finding("Database", str(error), is_good=False)
    except UNREACHABLE as error:
        return Finding(
            "Database",
            f"its tables cannot be read ({type(error).__name__}). Check the user in DATABASE_URL.",
            is_good=False,
        )
    finally:
        await connection.close()
    if missing:
        return Finding("Database", f"{len(missing)} migrations to apply: run `forum migrate`.", is_good=False)
    return Finding("Database", f"PostgreSQL {version.major}, every migration applied.")


async def _administrator(url: str) -> Finding:
    try:
        connection = await asyncpg.connect(url, timeout=5)
        count = await connection.fetchval("SELECT count(*) FROM member m WHERE m.role = 'admin' AND m.state = 'active'")
        await connection.close()
    except UNREACHABLE:
        return Finding("Administrators", "cannot be counted without the database.", is_good=False)
    if not count:
        return Finding("Administrators", "there is none: run `forum admin create NAME ADDRESS`.", is_good=False)
    return Finding("Administrators", f"{count}.")


def _base_url(settings: Settings) -> Finding:
    if is_loopback(settings.site_host):
        return Finding("Base URL", f"{settings.site_url} works on this machine only; set FORUM_BASE_URL to go public.")
    if not settings.is_https:
        return Finding("Base URL", f"{settings.site_url} is not encrypted: serve it as https://.", is_good=False)
    return Finding("Base URL", f"{settings.site_url}.")


async def _mail(settings: Settings) -> Finding:
    if settings.demo:
        return Finding("Email", "on screen at /dev/mail, as in every demo.")
    if not settings.smtp_url:
        return Finding("Email", "nobody can sign in: set SMTP_URL, as in smtp://user:password@host:587.", is_good=False)
    relay = urlsplit(settings.smtp_url)
    is_tls = relay.scheme == "smtps"
    client = aiosmtplib.SMTP(
        hostname=relay.hostname, port=relay.port or (465 if is_tls else 25), use_tls=is_tls, timeout=5
    )
    try:
        await client.connect()
        await client.quit()
    except (OSError, aiosmtplib.SMTPException) as error:
        return Finding("Email", f"{relay.hostname} does not answer ({type(error).__name__}). Check SMTP_URL.", False)
    names = " and ".join(name for name, _ in settings.dkim_keys)
    signed = f", signed under {names}" if names else ""
    return Finding("Email", f"{relay.hostname} answers; emails come from {settings.sender}{signed}.")


async def _search(url: str, settings: Settings) -> Finding:
    meili = meili_for(settings)
    try:
        async with connect(url, most=1) as db:
            found = await compare(db, meili)
    except (Unavailable, *UNREACHABLE):
        return Finding("Search", "cannot be looked at without the database and its tables.", is_good=False)
    finally:
        if meili:
            await meili.aclose()
    engine = "Meilisearch" if found.has_engine else "PostgreSQL"
    if found.is_silent:
        return Finding("Search", "Meilisearch does not answer, PostgreSQL does. Check MEILI_URL and its key.", False)
    if found.is_lost:
        return Finding("Search", "Meilisearch has no index. The worker builds one within the minute.", is_good=False)
    if not found.is_good:
        wrong = f"{found.missing + found.lacking} documents are missing or old, {found.stray + found.surplus} too many"
        return Finding("Search", f"{wrong}: run `forum reindex`.", is_good=False)
    left = f", {found.waiting + found.unsent} changes wait for the worker" if found.waiting + found.unsent else ""
    return Finding("Search", f"{engine} answers, {found.documents} documents{left}.")


def _disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.var, *settings.var.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB free."
    if free < LITTLE_SPACE:
        return Finding("Disk", f"only {words} Make room before the database stops.", is_good=False)
    return Finding("Disk", words)

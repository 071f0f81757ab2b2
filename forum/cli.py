"""The command line: `forum`, also `python -m forum`. Heavy modules are imported by the command that needs them."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from forum.kit.settings import BadSettings, Settings, load

if TYPE_CHECKING:
    from forum.kit.db import Database
    from forum.kit.tools import Tools
    from forum.mail.archive.report import Report

Result = TypeVar("Result")
app = typer.Typer(
    help="Staffroom: a forum for people who used to have a mailing list.",
    epilog="Settings come from the environment (FORUM_PORT, DATABASE_URL, SMTP_URL, …): the README lists them all.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
admin = typer.Typer(help="Make administrators; the first one of a site is made here.", no_args_is_help=True)
app.add_typer(admin, name="admin")


def main() -> None:
    """Run the command line; a refusal is one sentence on stderr and exit code 1."""
    from forum.kit.errors import Invalid, Unavailable
    from forum.kit.postgres import CannotStart

    try:
        app()
    except (BadSettings, CannotStart, Refused) as refusal:
        _fail(str(refusal))
    except Invalid as refusal:
        _fail(" ".join(refusal.fields.values()))
    except Unavailable:
        _fail("The database does not answer any more. `forum doctor` says what is wrong.")


NO_FILE = "There is no {}. Check the path and try again."
NOBODY = "Nobody here has the address {}. Make the member first: forum admin create NAME ADDRESS"


class Refused(Exception):
    """A command will not do what was asked; the message says why and what to do."""


def _fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)


def _settings(**overrides: object) -> Settings:
    from forum.kit.log import configure

    settings = load(**{name: value for name, value in overrides.items() if value is not None})
    configure(settings.log)
    return settings


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    demo: Annotated[bool, typer.Option(help="Demo mode with the demo community: sign in as anybody.")] = False,
    worker: Annotated[bool, typer.Option(help="Also run jobs, in the same process.")] = True,
) -> None:
    """Run the site: web server, worker and, without DATABASE_URL, its own PostgreSQL."""
    from forum import serve as site

    site.serve(_settings(host=host, port=port, demo=demo or None), with_worker=worker)


@app.command()
def worker() -> None:
    """Run jobs only: mails, the nightly clearing. For sites whose web server runs elsewhere."""
    from forum import serve as site

    site.work(_settings())


@app.command()
def migrate() -> None:
    """Bring the database up to date. `serve` and `worker` do this by themselves."""
    from forum.kit.migrate import MigrationError
    from forum.kit.migrate import migrate as apply_all

    async def apply(url: str, _: Settings) -> list[str]:
        return await apply_all(url)

    try:
        applied = _run(apply)
    except MigrationError as error:
        raise Refused(str(error)) from error
    print("\n".join(applied) if applied else "The database is up to date.")


@app.command()
def demo() -> None:
    """Load the demo community of invented people into an empty database."""
    from forum.demo.commands import load_demo

    loaded = _with_database(load_demo)
    print("The demo community is there." if loaded else "There are members already: nothing was changed.")


@app.command()
def import_mail(
    files: Annotated[list[Path], typer.Argument(help="mbox (also .gz, .xz), maildir, .eml, LISTSERV logs, .jsonl")],
    category: Annotated[str, typer.Option(help="Slug of the category; a new one is made for members.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read all, store nothing, say what is there.")] = False,
) -> None:
    """Bring a mailing list's archive into a category: threads, authors, dates, Message-IDs.

    Doing it twice changes nothing; a broken-off import goes on where it was. The threads
    become visible all at once, at the end.
    """
    from forum.mail.archive import report_printer
    from forum.mail.archive.commands import import_archive

    if missing := [str(file) for file in files if not file.exists()]:
        raise Refused(NO_FILE.format(missing[0]))

    async def bring(db: "Database") -> "Report":
        with report_printer.bar() as show:
            return await import_archive(db, files, category_slug=category, dry_run=dry_run, progress=show)

    try:
        report = _with_database(bring)
    except KeyboardInterrupt:
        print("Stopped; run the same command again to go on.", file=sys.stderr)
        raise typer.Exit(130) from None
    report_printer.show(report, dry_run=dry_run)


@app.command()
def import_districts(
    file: Annotated[Path, typer.Argument(help="CSV: name, and state, enrolment, locale, time_zone, or years.")],
    state: Annotated[str, typer.Option(help="The state of those whose row does not say.")] = "",
    time_zone: Annotated[str, typer.Option(help="Their time zone likewise, as America/Chicago.")] = "",
) -> None:
    """Bring districts in from a list, as states publish it. Doing it twice changes nothing.

    Columns that are called after a year hold enrolments; the newest with a number counts. Rows that will not do are
    named with their line, the others are brought in.
    """
    from forum.districts.commands import bring_districts
    from forum.districts.district_lists import read_districts
    from forum.kit.sheets import decoded

    if not file.is_file():
        raise Refused(NO_FILE.format(file))
    listed = read_districts(decoded(file.read_bytes()), state=state, time_zone=time_zone)

    async def bring(db: "Database") -> int:
        return await bring_districts(db, listed)

    new = _with_database(bring)
    wrong = [each for each in listed if each.problem]
    print(f"{new:,} new districts, {len(listed) - len(wrong) - new:,} that were there, {len(wrong):,} left out.")
    for each in wrong:
        print(f"Line {each.line}: {each.problem}", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


@admin.command()
def create(
    name: Annotated[str, typer.Argument(help="Real name, as in 'Maya Okafor'.")],
    address: Annotated[str, typer.Argument(help="Mail address they sign in with.")],
) -> None:
    """Make a new member who is an administrator: the first of a site, or one more."""
    from forum.members.joining import add_member
    from forum.members.types import JoinDraft

    async def add(db: "Database") -> int:
        JoinDraft(name, "").check()
        return await add_member(db, name, role="admin", address=address)

    _with_database(add)
    print(f"{name} is an administrator and signs in with {address}.")


@admin.command()
def grant(
    address: Annotated[str, typer.Argument(help="Mail address of somebody who is a member.")],
    role: Annotated[str, typer.Argument(help="admin, member or vendor.")] = "admin",
) -> None:
    """Give a member a role."""
    from forum.kit.errors import NotFound
    from forum.members.address import canonical
    from forum.members.profile import grant as give

    if role not in ("admin", "member", "vendor"):
        raise Refused("A role is admin, member or vendor.")

    async def give_role(db: "Database") -> None:
        try:
            await give(db, canonical(address), role)
        except NotFound:
            raise Refused(NOBODY.format(address)) from None

    _with_database(give_role)
    print(f"{address} is {role} now.")


@admin.command()
def add_category(
    slug: Annotated[str, typer.Argument(help="Its address: help is /c/help.")],
    name: Annotated[str, typer.Argument(help="What members read, as in 'Help & how-to'.")],
    description: Annotated[str, typer.Option(help="One sentence: what belongs here.")] = "",
    parent: Annotated[str | None, typer.Option(help="Slug of the category it stands below.")] = None,
    colour: Annotated[str, typer.Option(help="The dot beside its name.")] = "#49606b",
    kind: Annotated[str, typer.Option(help="What is started here: question, discussion …")] = "question",
    template: Annotated[str, typer.Option(help="What a new thread's text begins with.")] = "",
    read: Annotated[str, typer.Option(help="Who may read: everyone, members, staff or groups.")] = "members",
    reply: Annotated[str, typer.Option(help="Who may reply: members, staff, groups or readers.")] = "readers",
    start: Annotated[str, typer.Option(help="Who may start threads, likewise.")] = "readers",
    group: Annotated[list[str] | None, typer.Option(help="A group that may, where groups may; repeat it.")] = None,
    vendors: Annotated[bool, typer.Option(help="Whether vendors are let in.")] = False,
) -> None:
    """Add a category; a site needs one before anybody can ask."""
    from forum.categories.commands import add_category as add
    from forum.categories.types import CategoryDraft
    from forum.members.queries import group_ids

    if "groups" in (read, reply, start) and not group:
        raise Refused("Say which groups: --group SLUG. They are made by: forum admin add-group SLUG NAME")

    async def add_checked(db: "Database") -> int:
        draft = CategoryDraft(
            slug=slug,
            name=name,
            description=description,
            colour=colour,
            parent=parent,
            default_kind=kind,
            ask_template=template,
            read_by=read,
            reply_by=reply,
            start_by=start,
            lets_vendors_in=vendors,
            groups=await group_ids(db, group or ()),
        )
        return await add(db, draft)

    _with_database(add_checked)
    print(f"{name} is at /c/{slug}.")


@admin.command()
def add_group(
    slug: Annotated[str, typer.Argument(help="A short name, as categories are told it: west-region.")],
    name: Annotated[str, typer.Argument(help="What people call it, as in 'West region'.")],
    member: Annotated[list[str] | None, typer.Option(help="Mail address of a member; repeat it.")] = None,
) -> None:
    """Make a group of members, or put more members into it."""
    from forum.members.profile import add_to_group

    async def add(db: "Database") -> int:
        return await add_to_group(db, slug, name, [await _member(db, address) for address in member or ()])

    _with_database(add)
    print(f"The group {slug} is there.")


@admin.command()
def add_moderator(
    category: Annotated[str, typer.Argument(help="Slug of the category.")],
    address: Annotated[str, typer.Argument(help="Mail address of the member.")],
) -> None:
    """Make a member staff in one category."""
    from forum.categories.commands import add_moderator as add

    async def add_named(db: "Database") -> None:
        await add(db, category, await _member(db, address))

    _with_database(add_named)
    print(f"{address} moderates /c/{category}.")


@admin.command()
def reset_keys(address: Annotated[str, typer.Argument(help="Mail address of somebody who lost their keys.")]) -> None:
    """Remove a member's passkeys, codes and recovery codes, and sign them out everywhere; they hear of it."""
    from forum.identities.confirm import reset_second_factors
    from forum.kit.errors import Forbidden

    async def reset(db: "Database") -> None:
        try:
            await reset_second_factors(db, None, await _member(db, address))
        except Forbidden as refusal:
            raise Refused(refusal.reason) from None

    _with_database(reset)
    print(f"{address} has no second factor any more, and is signed out everywhere.")


async def _member(db: "Database", address: str) -> int:
    """The member with that address. Raises Refused, Invalid."""
    from forum.members.address import canonical
    from forum.members.queries import member_of_address

    member_id = await member_of_address(db, canonical(address))
    if member_id is None:
        raise Refused(NOBODY.format(address))
    return member_id


@admin.command()
def add_district(
    name: Annotated[str, typer.Argument(help="As in 'Pine County Schools'.")],
    domain: Annotated[list[str] | None, typer.Option(help="A mail domain whose people may join; repeat it.")] = None,
    state: Annotated[str, typer.Option(help="The state it is in.")] = "",
    enrolment: Annotated[int | None, typer.Option(min=0, help="How many students it has.")] = None,
    locale: Annotated[str, typer.Option(help="What kind of place: city, suburb, town or rural.")] = "",
    time_zone: Annotated[str, typer.Option(help="Where its days begin and end, as America/Chicago.")] = "",
) -> None:
    """Add a district; whoever has an address in its mail domains may join by themselves."""
    from forum.districts.commands import add_district as add

    async def add_named(db: "Database") -> int:
        return await add(
            db,
            name,
            state=state,
            enrolment=enrolment,
            domains=domain or (),
            locale=locale,
            time_zone=time_zone,
        )

    _with_database(add_named)
    print(f"{name} is there{', with ' + ', '.join(domain) if domain else ''}.")


@app.command()
def reindex() -> None:
    """Build the search index anew; the old one answers until the new one takes its place."""
    from forum.kit.meili import Down, Rejected
    from forum.search.meili_index import Failed
    from forum.search.rebuilding import reindex as build

    try:
        count = _with_tools(build)
    except (Down, Rejected, Failed, TimeoutError) as error:
        raise Refused("The documents are done; Meilisearch did not take them. Check MEILI_URL, then again.") from error
    print(f"{count} documents can be found.")


@app.command()
def doctor() -> None:
    """Check settings, database, migrations, base URL, mail, search and disk, and say how to mend what is wrong."""
    from forum.doctor import Finding, examine
    from forum.kit.postgres import CannotStart

    settings = _settings()
    try:
        findings = _run(examine, settings)
    except CannotStart as refusal:
        findings = [Finding("Database", str(refusal), is_good=False)]
    for finding in findings:
        print(f"{'ok  ' if finding.is_good else 'MEND'}  {finding.what}: {finding.words}")
    if not all(finding.is_good for finding in findings):
        sys.exit(1)


def _with_tools(action: Callable[["Tools"], Awaitable[Result]]) -> Result:
    """The result of `action` with everything a job may reach; the database is brought up to date first."""

    async def equipped(url: str, settings: Settings) -> Result:
        from forum.serve import prepare, tools_for

        await prepare(url)
        async with tools_for(settings, url) as tools:
            return await action(tools)

    return _run(equipped)


def _with_database(action: Callable[["Database"], Awaitable[Result]]) -> Result:
    """The result of `action` on the site's database, brought up to date first."""

    async def connected(url: str, _: Settings) -> Result:
        from forum.kit.db import connect
        from forum.serve import prepare

        await prepare(url)
        async with connect(url) as db:
            return await action(db)

    return _run(connected)


def _run(action: Callable[[str, Settings], Awaitable[Result]], settings: Settings | None = None) -> Result:
    """The result of `action` with the address of the site's database, started for it where nobody runs it."""
    import asyncio

    from forum.serve import database

    settings = settings or _settings()

    async def awaited(url: str) -> Result:
        return await action(url, settings)

    with database(settings) as url:
        return asyncio.run(awaited(url))

"""The command line: `forum`, also `python -m forum`. Heavy modules are imported by the command that needs them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forum.cli_admin import admin
from forum.cli_digest import digest
from forum.cli_site import Refused, run_with, the_settings, with_database, with_tools
from forum.kit.settings import BadSettings, Settings

if TYPE_CHECKING:
    from forum.kit.db import Database
    from forum.mail.archive.report import Report

app = typer.Typer(
    help="Staffroom: a forum for people who used to have a mailing list.",
    epilog="Settings come from the environment (FORUM_PORT, DATABASE_URL, SMTP_URL, …): the README lists them all.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(admin, name="admin")
app.add_typer(digest, name="digest")


def main() -> None:
    """Run the command line; a refusal is one sentence on stderr and exit code 1."""
    from forum.kit.errors import Crossed, Invalid, Unavailable
    from forum.kit.postgres import CannotStart

    try:
        app()
    except (BadSettings, CannotStart, Refused) as refusal:
        _fail(str(refusal))
    except Invalid as refusal:
        _fail(" ".join(refusal.fields.values()))
    except Crossed:
        _fail("Something else did the same at this moment, so this was not done. Run it again.")
    except Unavailable:
        _fail("The database does not answer anymore. `forum doctor` says what is wrong.")


NO_FILE = "There is no {}. Check the path and try again."


def _fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    demo: Annotated[bool, typer.Option(help="Demo mode with the demo community: sign in as anybody.")] = False,
    worker: Annotated[bool, typer.Option(help="Also run jobs, in the same process.")] = True,
) -> None:
    """Run the site: web server, worker and, without DATABASE_URL, its own PostgreSQL."""
    from forum import serve as site

    site.serve(the_settings(host=host, port=port, demo=demo or None), with_worker=worker)


@app.command()
def worker() -> None:
    """Run jobs only: emails, the nightly clearing. For sites whose web server runs elsewhere."""
    from forum import serve as site

    site.work(the_settings())


@app.command()
def migrate() -> None:
    """Bring the database up to date. `serve` and `worker` do this by themselves."""
    from forum.kit.migrate import MigrationError
    from forum.kit.migrate import migrate as apply_all

    async def apply(url: str, _: Settings) -> list[str]:
        return await apply_all(url)

    try:
        applied = run_with(apply)
    except MigrationError as error:
        raise Refused(str(error)) from error
    print("\n".join(applied) if applied else "The database is up to date.")


@app.command()
def demo() -> None:
    """Load the demo community of invented people into an empty database."""
    from forum.demo.commands import load_demo

    loaded = with_database(load_demo)
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
        report = with_database(bring)
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

    Columns that are called after a year hold enrollments; the newest with a number counts. Rows that will not do are
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

    new = with_database(bring)
    wrong = [each for each in listed if each.problem]
    print(f"{new:,} new districts, {len(listed) - len(wrong) - new:,} that were there, {len(wrong):,} left out.")
    for each in wrong:
        print(f"Line {each.line}: {each.problem}", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


@app.command()
def reindex() -> None:
    """Build the search index anew; the old one answers until the new one takes its place."""
    from forum.kit.meili import Down, Rejected
    from forum.search.meili_index import Failed
    from forum.search.rebuilding import reindex as build

    try:
        count = with_tools(build)
    except (Down, Rejected, Failed, TimeoutError) as error:
        raise Refused("The documents are done; Meilisearch did not take them. Check MEILI_URL, then again.") from error
    print(f"{count} documents can be found.")


@app.command()
def doctor() -> None:
    """Check settings, database, migrations, base URL, email, search and disk, and say how to mend what is wrong."""
    from forum.doctor import Finding, examine
    from forum.kit.postgres import CannotStart

    settings = the_settings()
    try:
        findings = run_with(examine, settings)
    except CannotStart as refusal:
        findings = [Finding("Database", str(refusal), is_good=False)]
    for finding in findings:
        print(f"{'ok  ' if finding.is_good else 'MEND'}  {finding.what}: {finding.words}")
    if not all(finding.is_good for finding in findings):
        sys.exit(1)

"""Shows an import on the terminal: a bar while it runs, a report when it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from forum.kit.days import dated_shortly
from forum.mail.archive.report import Progress as Step
from forum.mail.archive.report import Report

STAGES = {"reading": "Reading messages", "placing": "Building threads"}


@contextmanager
def bar() -> Iterator[Callable[[Step], None]]:
    """A progress bar on stderr, where that is a terminal; yields the function that moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks = {stage: progress.add_task(words, total=None) for stage, words in STAGES.items()}

        def show(step: Step) -> None:
            progress.update(tasks[step.stage], completed=step.done, total=step.total)

        yield show


def show(report: Report, *, dry_run: bool) -> None:
    """Print what was found; names and addresses of people are not part of it."""
    console = Console()
    table = Table(show_header=False, box=None)
    for label, number in _figures(report, dry_run=dry_run):
        table.add_row(label, number)
    console.print(table)
    if report.addresses:
        console.print(f"\n{_claims(report.addresses)}", highlight=False, soft_wrap=True)
    for kind, problem in sorted(report.problems.items(), key=lambda item: -item[1].count):
        console.print(f"\n{problem.count} × {kind}", highlight=False, markup=False)
        for sample in problem.samples:
            console.print(f"  message {sample.number} of {sample.file}: {sample.reason}", highlight=False, markup=False)
    if dry_run:
        console.print("\nNothing was stored. Run it again without --dry-run to bring them in.")


def _claims(count: int) -> str:
    known = "1 address of an author is" if count == 1 else f"{count:,} addresses of authors are"
    return (
        f"{known} known: whoever signs in with such an address takes over what was written from it,"
        " and from then on reads what members read."
    )


def _figures(report: Report, *, dry_run: bool) -> list[tuple[str, str]]:
    first, last = (dated_shortly(moment) if moment else "-" for moment in (report.first, report.last))
    return [
        ("Messages read", f"{report.messages:,}"),
        ("Different messages", f"{report.unique:,}"),
        ("Further copies", f"{report.duplicates:,}"),
        ("Other messages under a used id", f"{report.imposters:,}"),
        ("Would be added" if dry_run else "Added", f"{report.added:,}"),
        ("Unreadable", f"{report.unreadable:,}"),
        ("Threads", f"{report.threads:,}"),
        ("Joined by subject only", f"{report.matched_by_subject:,}"),
        ("Authors", f"{report.authors:,}"),
        ("From", f"{first} to {last}"),
    ]

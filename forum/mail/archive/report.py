"""What an import found: how many mails and threads, from when to when, and every problem with samples."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from forum.mail.archive.types import Problem

MAX_SAMPLES = 20


@dataclass(slots=True)
class ProblemKind:
    """Problems of one kind: how many, and the first twenty."""

    count: int = 0
    samples: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The outcome of an import or of a dry run.

    messages: read. unique: different ids among them. duplicates: further copies of one mail, in the files or
    stored before. imposters: other mails under an id that was taken, kept under an id of their own. added: stored
    now (would be, in a dry run). threads, authors, addresses (of authors, by which they may claim what they wrote):
    of the messages read, or of the whole archive once stored; threads_by_ids: before subjects were compared.
    """

    messages: int = 0
    unique: int = 0
    duplicates: int = 0
    imposters: int = 0
    added: int = 0
    unreadable: int = 0
    threads_by_ids: int = 0
    threads: int = 0
    matched_by_subject: int = 0
    authors: int = 0
    addresses: int = 0
    first: datetime | None = None
    last: datetime | None = None
    problems: dict[str, ProblemKind] = field(default_factory=dict)

    def note(self, problem: Problem) -> None:
        """Counts a problem and keeps it as a sample while there are few."""
        kind = self.problems.setdefault(problem.kind, ProblemKind())
        kind.count += 1
        if len(kind.samples) < MAX_SAMPLES:
            kind.samples.append(problem)

    def note_copies(self, duplicates: int, imposters: int, problems: Iterable[Problem]) -> None:
        """Counts a batch's copies and imposters and what was said of them."""
        self.duplicates += duplicates
        self.imposters += imposters
        for problem in problems:
            self.note(problem)

    def note_date(self, moment: datetime) -> None:
        """Widens the range of dates."""
        self.first = moment if self.first is None else min(self.first, moment)
        self.last = moment if self.last is None else max(self.last, moment)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. stage: "reading" counts messages, "placing" mails put into threads (of `total`)."""

    stage: str
    done: int
    total: int | None = None

"""Test collections: documents, questions, and which documents people judged to answer which question."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from forum.search.types import Document
from tests.real_data import DATA

FOLDER = DATA / "search"
NAMES = ("se-ssdug", "se-beer", "ir-cranfield")  # the smallest first
KIND = "judged"
TAGS = re.compile(r"<[^>]+>")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # when all was written of what says no time


@dataclass(frozen=True)
class Question:
    """relevant: the documents that answer it, by their ids, with how well: 1 or more."""

    text: str
    relevant: dict[int, int]


@dataclass(frozen=True)
class Collection:
    """Each document is one of its own: what is found of it stands for nothing else."""

    name: str
    documents: list[Document]
    questions: list[Question]


def there_are() -> list[str]:
    """The names of the collections that are here."""
    return [name for name in NAMES if (FOLDER / name).is_dir()]


def collection(name: str) -> Collection:
    """The collection of that name. Raises OSError where it is not here."""
    return _cranfield(FOLDER / name) if name == "ir-cranfield" else _stack_exchange(FOLDER / name)


def _cranfield(folder: Path) -> Collection:
    """Abstracts on aerodynamics, and questions in the order in which the judgements number them."""
    documents = [
        _document(int(_field(text, "docno")), _field(text, "text"), title=_field(text, "title"))
        for text in _elements((folder / "cran.all.1400.xml").read_text(), "doc")
    ]
    relevant: dict[int, dict[int, int]] = {}
    for line in (folder / "cranqrel.trec.txt").read_text().splitlines():
        question, _, document, grade = map(int, line.split())
        if grade > 0:
            relevant.setdefault(question, {})[document] = grade
    asked = enumerate(_elements((folder / "cran.qry.xml").read_text(), "title"), 1)
    questions = [Question(" ".join(text.split()), relevant[number]) for number, text in asked if number in relevant]
    return Collection(folder.name, documents, questions)


def _stack_exchange(folder: Path) -> Collection:
    """Answers, without the titles of what they answer, which are the questions; the accepted one answers best."""
    posts = [row.attrib for row in ET.parse(folder / "Posts.xml").getroot()]  # noqa: S314 - our own copy
    answers = [post for post in posts if post["PostTypeId"] == "2"]
    documents = [
        _document(
            int(post["Id"]),
            unescape(TAGS.sub(" ", post["Body"])),
            at=datetime.fromisoformat(post["CreationDate"] + "Z"),
        )
        for post in answers
    ]
    questions = []
    for asked in posts:
        of_it = [post for post in answers if post["ParentId"] == asked["Id"]]
        if asked["PostTypeId"] == "1" and of_it:
            best = asked.get("AcceptedAnswerId")
            questions.append(Question(asked["Title"], {int(post["Id"]): 1 + (post["Id"] == best) for post in of_it}))
    return Collection(folder.name, documents, questions)


def _document(ref_id: int, body: str, *, title: str = "", at: datetime = LONG_AGO) -> Document:
    return Document(KIND, ref_id, " ".join(title.split()), " ".join(body.split()), (KIND,), at)


def _elements(text: str, name: str) -> Iterator[str]:
    return (match[1] for match in re.finditer(rf"<{name}>(.*?)</{name}>", text, re.DOTALL))


def _field(text: str, name: str) -> str:
    return next(_elements(text, name), "").strip()

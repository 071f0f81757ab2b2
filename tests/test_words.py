"""Words that people read: American, and "email" for what is sent by it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from typer.main import get_command

from forum.cli import app
from forum.kit.settings import Settings

ROOT = Path(__file__).parents[1]
PAPERS = ("README.md", "CHANGELOG.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
TYPED = re.compile(r"```sh.*?```|`[^`\n]*`", re.S)
# A mailing list, a mailbox, a mail server and a mail program are called so; to mail is what one does.
MAIL = re.compile(r"(?<![\w“/-])mails?\b(?![-.]\w|-|”| (?:server|program)s?\b)", re.I)
BRITISH = re.compile(
    r"(?<![\w.:/-])[a-z]*(?:colour|licence|organis[ae]|catalogue|enrolment|enrols?\b|fulfil\b|cancell(?:ed|ing)|labell(?:ed|ing)"
    r"|counsell|travell(?:ed|ing|er)|neighbour|behaviour|favour|harbour|labour|honour|humour|metres?\b|fibre|grey|centre"
    r"|defence|practis|judgement|programme\b|analogue|misspelt|fortnight|pupils?\b|maths\b|dialled"
    r"|(?:real|recogn|normal|apolog|summar|synchron|custom|optim|categor|author|anonym|critic|random|sanit|minim|maxim)"
    r"is(?:e[ds]?|ing|ations?)\b)[a-z]*(?!\w)",
    re.I,
)
NO_LONGER = re.compile(r"(?<!\w)any\s+more\b", re.I)  # "anymore" in American English
IN_WORDS = re.compile(r"[ A-Z]").search  # else it is a name
SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN)\b")
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
COLUMNS = "state, enrolment, locale"  # of a file that is brought in


def paper(name: str) -> str:
    """What stands in one of the papers, without what is typed."""
    return TYPED.sub("", (ROOT / name).read_text())


def helps(command: click.Command) -> Iterator[str]:
    """What a command says of itself, of all it takes and of the commands in it."""
    yield from (command.help or "", command.epilog or "")
    yield from (getattr(each, "help", None) or "" for each in command.params)
    for each in getattr(command, "commands", {}).values():
        yield from helps(each)


def settings() -> list[str]:
    return [field.description or "" for field in Settings.model_fields.values()]


def sentences(path: Path) -> Iterator[str]:
    """The texts in a module that may be words for people: not names, nor what it says of itself, nor SQL."""
    tree = ast.parse(path.read_text())
    blocks = (each for each in ast.walk(tree) if isinstance(each, ast.Module | ast.ClassDef | FUNCTION))
    notes = {ast.get_docstring(each, clean=False) for each in blocks}
    texts = (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return (text for text in texts if text not in notes and IN_WORDS(text) and not SQL.search(text))


def shown(path: Path) -> str:
    """The text of a template: what stands between tags, and what it hands to macros as words."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    words = re.sub(r"\{[{%].*?[%}]\}", lambda each: " ".join(filter(IN_WORDS, re.findall(r'"([^"]*)"', each[0]))), text)
    return re.sub(r"<[^>]*>", " ", words)


def told(found: object) -> Iterator[str]:
    """Every text in what was read from TOML."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from told(each)


def places(pattern: re.Pattern[str], *texts: str) -> list[str]:
    return [text[max(0, at.start() - 30) : at.end() + 20] for text in texts for at in pattern.finditer(text)]


def test_what_is_sent_by_it_is_called_email():
    commands = [*helps(get_command(app))]
    assert len(commands) > 50
    released = paper("CHANGELOG.md").index("\n## 0.1.0")
    papers = [paper(name)[: released if name == "CHANGELOG.md" else None] for name in PAPERS]

    assert places(MAIL, *papers, *settings(), *commands) == []


def read_by_people() -> list[str]:
    """All that people read here, of papers, pages, commands and the made-up forum."""
    papers = [paper(name) for name in (*PAPERS, "DECISIONS.md", "CONTRIBUTING.md")]
    pages = [shown(path) for path in (ROOT / "templates").rglob("*.*")]
    lines = [text.replace(COLUMNS, "") for path in (ROOT / "forum").rglob("*.py") for text in sentences(path)]
    demo = [text for path in (ROOT / "forum/demo").rglob("*.toml") for text in told(tomllib.loads(path.read_text()))]
    assert min(len(pages), len(lines), len(demo)) > 100
    commands = [text.replace(COLUMNS, "") for text in helps(get_command(app))]
    return [*papers, *pages, *lines, *commands, *settings(), *demo]


@pytest.mark.parametrize("pattern", [BRITISH, NO_LONGER], ids=["spelling", "no longer"])
def test_words_are_those_of_american_schools(pattern):
    assert places(pattern, *read_by_people()) == []


@pytest.mark.parametrize("text", ["An accent colour.", "It is Cancelled", "my favourite", "unauthorised", "a metre"])
def test_british_spelling_is_seen(text):
    assert places(BRITISH, text)


@pytest.mark.parametrize(("text", "is_seen"), [("It is not there any more.", True), ("How many more?", False)])
def test_what_is_one_word_is_seen_as_two(text, is_seen):
    assert bool(places(NO_LONGER, text)) is is_seen

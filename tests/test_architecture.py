"""The rules of CONTRIBUTING.md that a machine can check."""

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import meta, nodes
from typer.models import CommandInfo

from forum import wiring
from forum.app import KEPT, templates
from forum.kit.settings import Settings

ROOT = Path(__file__).parents[1]
CODE = sorted((ROOT / "forum").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|copy\(\s*db,\s*)\s*\"?([a-z_]+)")
NOT_TABLES = {"set", "of", "skip"}
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_TEMPLATE, LONGEST_SCRIPT = 60, 400, 60, 60


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def strings(path: Path) -> str:
    return " ".join(
        node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_each_table_is_written_by_one_room() -> None:
    tables = set(
        re.findall(r"CREATE TABLE (\w+)", " ".join(p.read_text() for p in (ROOT / "migrations").glob("*.sql")))
    )
    writers: dict[str, set[str]] = {}
    for path in CODE:
        text = strings(path) + " ".join(re.findall(r"copy\(\s*db,\s*\"\w+\"", path.read_text()))
        for table in set(WRITES.findall(text)) & tables:
            writers.setdefault(table, set()).add(path.relative_to(ROOT).parts[1])

    assert {table: rooms for table, rooms in writers.items() if len(rooms) > 1} == {}


def test_sql_is_built_only_from_constants() -> None:
    for path in CODE:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.JoinedStr) and re.search(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", ast.unparse(node)):
                for part in (value.value for value in node.values if isinstance(value, ast.FormattedValue)):
                    assert isinstance(part, ast.Name), f"{place(path)}:{node.lineno}"
                    assert part.id.isupper(), f"{place(path)}:{node.lineno}"


def test_no_parameter_is_cast_with_colons() -> None:
    for path in CODE:
        assert not re.search(r"[\s(=]:[a-z_]+::", strings(path)), place(path)


def test_a_limit_has_an_order() -> None:
    for path in CODE:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "LIMIT :" in node.value:
                assert "ORDER BY" in node.value, f"{place(path)}:{node.lineno}"
            assert not (isinstance(node, ast.Constant) and " OFFSET " in str(node.value)), place(path)


# What shows that a query lets through only threads that its reader may read: said once, in categories/policy.py.
READS_THREADS = re.compile(r"\b(?:FROM|JOIN) (?:thread|post)\b")
LETS_IN = re.compile(r"\{(READABLE_THREADS?|LET_IN)\}")
# Statements that read threads or posts without it, by file and function or name, and why nobody reads by them what is
# not theirs.
FOR_NO_READER = {
    "search/indexing.py": "documents follow the rows; whoever searches is asked when hits are shown",
    "search/posts.py:DOCUMENTS_SQL": "documents for everybody's index; whoever searches is asked when hits are shown",
    "search/posts.py:ABOUT_SQL": "documents for everybody's index; whoever searches is asked when hits are shown",
    "search/posts.py:texts": "of posts that `shown` has let through",
    "categories/register.py": "for administrators: whether anything is in a category",
    "demo/rating.py": "the demo's own threads, while it is laid out",
    "renewals/round_queries.py:tally": "counts of a round that review_round let its reader see",
    "demo/telling.py": "the demo is laid out; whoever sees it is asked then",
    "demo/rating.py:_read": "the demo is laid out before anybody reads",
    "mail/archive/": "the import, run by whoever runs the site",
    "products/review_queries.py:OWN_SQL": "what its reader wrote",
    "products/review_queries.py:rooms_of": "where reviews stand, for the system",
    "products/story_queries.py:TOLD": "a part: READABLE_THREAD stands behind it",
    "products/story_queries.py:own_story": "somebody's own",
    "products/owner_queries.py:asked_lately": "somebody's own",
    "products/owner_queries.py:asker": "for administrators",
    "products/owner_queries.py:ITS_THREAD": "a part: READABLE_THREAD stands behind it",
    "products/account.py:EXPORTED": "what somebody asked themselves",
    "products/scoring.py": "scores, the same for all who see the product",
    "events/commands.py:ALIKE_SQL": "of threads that its reader began in the last hour",
    "threads/form_posts.py:opening_post": "an id, for rooms that have decided themselves",
    "threads/form_posts.py:POST_SQL": "for rooms that have decided themselves",
    "threads/form_posts.py:screen_in": "the category of a thread that was found before",
    "threads/bulk.py": "for imports",
    "threads/seed.py": "for the demo",
    "threads/batch.py:_those_in": "ids only, each then acted on as its staff",
    "threads/commands.py": "the counts of a thread that is held, and what its author sent before",
    "threads/hold.py:HELD_SQL": "for staff, who are no vendors: MODERATED stands behind it",
    "threads/hold.py:IS_FIRST": "whether somebody has posted in a category",
    "threads/hold.py:places": "categories of what waits, for the queue",
    "threads/hide.py": "what flags hide, for the system",
    "threads/merge.py:_is_merged": "of a thread that its staff hold",
    "threads/placing.py": "of threads that their staff hold",
    "threads/account.py:_remove_words": "somebody's own words, on their way out",
    "threads/showing.py": "ids of what staff or its author put there",
    "threads/queries.py:THREAD_FROM": "a part: THE_THREAD stands behind it",
    "threads/queries.py:THREAD_COLUMNS": "of the one that THE_THREAD lets through",
    "threads/queries.py:NAMES_OWN": "of the one that THE_THREAD lets through",
    "threads/queries.py:POSTS": "of the one that THE_THREAD lets through",
    "threads/queries.py:hold": "locks rows, returns nothing",
    "events/account.py:SQL": "a part: READABLE_THREAD stands behind it",
    "events/policy.py:EVENT_THERE": "a part: READABLE_THREAD stands behind it",
    "notifications/commands.py:MERGED": "where threads have gone, to put what is new there; nothing of it is shown",
    "following/targets.py:THERE": "whether a thread is there for anybody, to forget what leads to nothing",
    "following/hearing.py:POSTS": "a part: READABLE_THREAD stands behind it, for each who hears",
    "following/hearing.py:WRITERS": "a part: who is not told what they wrote",
    "following/hearing.py:calls": "whom posts call: READABLE_THREAD stands behind it, for each who hears",
    "mail/digests/concerned.py": "ids of members; what a digest tells them is chosen by their rights of then",
    "mail/digests/choosing.py:POSTS_SQL": "ids only: HEARD_BY_SOME says who of them reads what",
    "mail/digests/choosing.py:FOLLOWED_SQL": "of what HEARD_BY_SOME has let each reader hear",
    "mail/belated.py": "whom a post names, and how old it is: `heard` says who of them reads it",
    "mail/changing.py:CHANGES_SQL": "of events that each recipient hears of, by `heard` or CONCERNED_SQL",
    "mail/reading.py:READ_SQL": "ids of mails whose members have read a post",
    "mail/instant.py:POSTS_SQL": "of posts that each recipient hears of, by `heard`",
    "mail/digests/telling.py:TOLD_SQL": "of posts that were chosen by each reader's rights",
    "notifications/queries.py:AWAY": "whether anything may come back, for nobody to see",
    "notifications/queries.py:told_before": "ids of members who heard of a post",
    "notifications/queries.py:STANDING": "a part: READABLE_THREAD stands behind it",
    "notifications/queries.py:ITS_THREAD": "a part: READABLE_THREAD stands behind it",
    "notifications/queries.py:LINE_JOINS": "a part: READABLE_THREAD stands behind it",
    "votes/account.py:_marked": "to count anew what somebody marked who leaves",
    "moderation/flags.py:_are_enough": "how many flagged a post, for the system",
    "moderation/flags.py:places": "categories of what is flagged, for the queue",
    "moderation/jobs.py:queue_flag": "whose post is flagged, for the queue",
    "moderation/health.py": "counts for staff, who are no vendors",
    "moderation/queries.py:histories": "counts for staff, who are no vendors",
}


def named(part: ast.FormattedValue) -> str:
    return f"{{{ast.unparse(part.value)}}}"


def statements(path: Path) -> Iterator[tuple[str, str]]:
    """Each text of a file with the function it stands in, or the name it is given; parts of f-strings as {NAME}."""
    for node in tree(path).body:
        name = getattr(node, "name", "") or ast.unparse(getattr(node, "targets", [node])[0])
        inside = {id(part) for each in ast.walk(node) if isinstance(each, ast.JoinedStr) for part in each.values}
        for each in ast.walk(node):
            if isinstance(each, ast.JoinedStr):
                yield name, "".join(p.value if isinstance(p, ast.Constant) else named(p) for p in each.values)
            elif isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in inside:
                yield name, each.value


def test_whatever_reads_threads_for_somebody_asks_whether_they_are_let_in() -> None:
    open_ones, used = [], set()
    for path in CODE:
        place = str(path.relative_to(ROOT / "forum"))
        for name, text in statements(path):
            if not READS_THREADS.search(text) or re.match(r"\s*(UPDATE|INSERT|DELETE)\b", text):
                continue
            reasons = {key for key in FOR_NO_READER if f"{place}:{name}".startswith(key)}
            used |= reasons
            if not LETS_IN.search(text) and not reasons:
                open_ones.append(f"{place}:{name}")

    assert open_ones == [], "Add {READABLE_THREAD}, or say in FOR_NO_READER why nobody reads by it."
    assert sorted(set(FOR_NO_READER) - used) == [], "Nothing there reads them any more."


def test_every_module_says_what_it_is() -> None:
    for path in CODE:
        assert ast.get_docstring(tree(path)), place(path)


def test_public_functions_say_what_their_names_do_not() -> None:
    for path in CODE:
        for function in tree(path).body:
            is_function = isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and not function.name.startswith("_") and len(function.body) > 3:
                assert ast.get_docstring(function), f"{place(path)}:{function.lineno} {function.name}"


def test_files_and_functions_stay_small() -> None:
    for path in CODE:
        assert len(path.read_text().splitlines()) <= LONGEST_FILE, place(path)
        for function in functions(path):
            length = (function.end_lineno or 0) - function.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{place(path)}:{function.lineno} {function.name} has {length} lines"


def test_templates_and_scripts_stay_small() -> None:
    for path in TEMPLATES:
        assert len(path.read_text().splitlines()) <= LONGEST_TEMPLATE, place(path)
    for path in (ROOT / "static" / "js").glob("*.js"):
        assert len(path.read_text().splitlines()) <= LONGEST_SCRIPT, place(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=place)
def test_a_template_reads_only_what_its_page_has(path: Path) -> None:
    parsed = templates("", "UTC").parse(path.read_text())
    imported = {name for node in parsed.find_all(nodes.FromImport) for name in node.names}
    for safe in parsed.find_all(nodes.Filter):  # only what kit/markdown.py made may go unescaped
        is_ours = isinstance(safe.node, nodes.Getattr) and safe.node.attr.endswith("html")
        is_ours |= isinstance(safe.node, nodes.Name) and safe.node.name == "html"
        assert safe.name != "safe" or is_ours
    named = re.match(r"\{# page: ([\w.]+)\.(\w+) #\}", path.read_text())
    if path.parent.name == "letters" and path.name == "_layout.html":
        assert meta.find_undeclared_variables(parsed) - imported <= {"house", "slots"}
    elif path.name == "_layout.html":
        assert meta.find_undeclared_variables(parsed) - imported <= {"chrome", "token"}
    elif path.name.startswith("_"):  # a part is macros: all it shows is handed to it
        assert meta.find_undeclared_variables(parsed) <= {"assets", "token"}
    else:
        assert named, "the first line does not name its page"
        page = getattr(importlib.import_module(named[1]), named[2])
        known = {field.name for field in dataclasses.fields(page)}
        known |= {name for name, value in vars(page).items() if isinstance(value, property)}
        reads = [node for node in parsed.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)]
        assert {node.attr for node in reads if node.node.name == "page"} <= known
        given = {"house", "slots"} if path.parent.name == "letters" else {"chrome", "token"}
        assert meta.find_undeclared_variables(parsed) - imported <= {"page", *given}


def test_no_template_holds_script_or_style() -> None:
    for path in (path for path in TEMPLATES if path.parent.name != "letters"):  # mail programs read no stylesheets
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! type=\"module\" src=)", path.read_text()), place(
            path
        )


def test_templates_leave_times_and_days_to_the_kit() -> None:
    for path in TEMPLATES:
        assert "strftime" not in path.read_text(), place(path)


def test_mails_hold_no_script_and_no_form_and_fetch_nothing() -> None:
    for path in (ROOT / "templates" / "letters").iterdir():
        assert not re.search(r"\son\w+=|<script|<form|<img|<link|url\(|@import", path.read_text()), place(path)


def test_every_form_that_changes_something_carries_its_token() -> None:
    for path in TEMPLATES:
        forms = re.findall(r"<form\b.*?</form>|<form\b.*$", path.read_text(), re.S)
        for form in (form for form in forms if 'method="post"' in form):
            assert "{{ token }}" in form, f"{place(path)}: {form[:80]}"


def test_a_refusal_gives_back_what_was_written_in_any_long_field() -> None:
    long = re.compile(r'\barea\("(\w+)"|<textarea[^>]* name="(\w+)"')
    fields = {found[1] or found[2] for path in TEMPLATES for found in long.finditer(path.read_text())}

    assert fields | {"title", "description"} == set(KEPT)


def test_every_event_said_has_a_reaction_and_the_reverse() -> None:
    said = {
        event
        for path in CODE
        for event in re.findall(r'outbox\.emit\(\s*(?:tools\.)?db,\s*"([\w.]+)"', path.read_text())
    }

    assert said == set(wiring.REACTIONS)


def test_every_path_in_a_template_has_a_route() -> None:
    patterns = [route.path_regex for route in (*wiring.ROUTES, *wiring.DEMO_ROUTES)]
    for path in TEMPLATES:
        for target in re.findall(r'(?:href|action|formaction)="(/[^"{?#]*)["?#]', path.read_text()):
            assert any(pattern.match(target) for pattern in patterns), f"{place(path)}: {target}"


def test_only_strong_randomness_is_used() -> None:
    for path in CODE:
        if path.parts[-2] != "demo":  # the demo wants the same dice each time
            assert not re.search(r"^(import|from) random\b|uuid1", path.read_text(), re.M), place(path)


def test_every_setting_and_verb_stands_in_the_readme() -> None:
    from forum.cli import app

    readme = (ROOT / "README.md").read_text()
    for field in Settings.model_fields.values():
        assert f"`{field.alias}`" in readme
    verbs = [verb(command) for command in app.registered_commands]
    for group in app.registered_groups:
        verbs += [f"{group.name} {verb(command)}" for command in group.typer_instance.registered_commands]
    assert len(verbs) > 10
    for words in verbs:
        assert re.search(rf"`forum {words}\b", readme), words


def verb(command: CommandInfo) -> str:
    return command.name or command.callback.__name__.replace("_", "-")


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for name in (
        "requirements.lock",
        "requirements-test.lock",
        "requirements-mutants.lock",
        "requirements-attack.lock",
    ):
        lines = (ROOT / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line or "index" in line.split("==")[0]]
        assert sum(line.strip().startswith("--hash=sha256:") for line in lines) > 100


def test_a_room_is_known_to_the_import_contracts() -> None:
    rooms = {path.name for path in (ROOT / "forum").iterdir() if (path / "__init__.py").exists()}
    contracts = (ROOT / "pyproject.toml").read_text()

    assert [room for room in rooms if f"forum.{room}" not in contracts] == []

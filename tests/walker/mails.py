"""Mails: which jobs send them, whom each goes to, and what it may hold beside what its reader may see on pages."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

from forum.identities.key_jobs import CHANGES
from forum.kit.tools import Job
from forum.wiring import REACTIONS, SCHEDULE
from forum.worker import name_of
from tests.walker.addresses import ID_OF
from tests.walker.canaries import Planted
from tests.walker.people import Walker, World
from tests.walker.seen import RULES

JOBS: dict[str, Job] = {name_of(job): job for job in {j for jobs in REACTIONS.values() for j in jobs}} | {
    name_of(job): job for _, job in SCHEDULE
}

# Whose ids a job is asked with, where an address's place of the same name does not say it.
ID_OF_JOB = {
    "request_id": (("sign_in_request", "id"), ("join_request", "id"), ("address_request", "id")),
    "notice_id": (("address_notice", "id"),),
    "from_id": (("member", "id"),),
    "into_id": (("member", "id"),),
}
WORDS_OF_JOB: dict[str, tuple[str, ...]] = {"change": tuple(CHANGES), "next_path": ("/settings",)}

# It hands over many at once, each in a task of its own, which cannot see what a transaction of the test has not told.
OUTSIDE = "forum.wiring.deliver_mails"

# Whose words a mail tells to anybody it goes to: whoever acts is named to those whom it is about.
TOLD = {
    "forum.members.jobs.mail_invitation": {"member.name"},
    "forum.members.jobs.mail_sign_in_link": {"member.name"},
    "forum.accounts.jobs.mail_merge_link": {"member.name"},
    "forum.identities.way_jobs.mail_address_link": {"member.name"},
}
# Columns whose words are for whom the row is about, and the column that says who that is.
ABOUT = {
    "member.suspension_reason": "id",
    "silence.reason": "member_id",
    "queue_item.letter": "author_id",
    "member_email.address": "member_id",
}
# Rows that are about an address.
BY_ADDRESS = ("join_request.reason",)


def mailing() -> set[str]:
    """The jobs that send mail, found in their code."""
    return {name for name, job in JOBS.items() if _sends(job, set())}


def _sends(function: Callable[..., Any], seen: set[object]) -> bool:
    """Whether it says tools.mailer.send, or a function of ours that it calls does."""
    function = inspect.unwrap(function)
    if function in seen or not getattr(function, "__module__", "").startswith("forum."):
        return False
    seen.add(function)
    known = vars(sys.modules[function.__module__])
    for node in ast.walk(ast.parse(dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Attribute) and node.attr == "mailer":
            return True
        called = _called(node, known)
        if inspect.isfunction(called) and _sends(called, seen):
            return True
    return False


def _called(node: ast.AST, known: dict[str, Any]) -> Any:
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name):
        return known.get(node.func.id)
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return getattr(known.get(node.func.value.id), node.func.attr, None)
    return None


def payloads(world: World, job: Job) -> Iterator[dict[str, Any]]:
    """Everything a job can be asked with: every id there is. Raises KeyError for a name nobody has told about."""
    names = [n for n, p in list(inspect.signature(job).parameters.items())[1:] if p.default is inspect.Parameter.empty]
    yield from _each(world, names)


def _each(world: World, names: list[str]) -> Iterator[dict[str, Any]]:
    if not names:
        yield {}
        return
    for value in dict.fromkeys(_values(world, names[0])):
        for rest in _each(world, names[1:]):
            yield {names[0]: value, **rest}


def _values(world: World, name: str) -> list[Any]:
    if name in WORDS_OF_JOB:
        return list(WORDS_OF_JOB[name])
    return [row[column] for table, column in ID_OF_JOB.get(name) or (ID_OF[name],) for row in world.tables[table]]


def reader_of(world: World, address: str) -> Walker:
    """Whoever reads the mails of an address: a member, or somebody who is none."""
    email = world.one("member_email", address=address)
    if email is None:
        return Walker("stranger")
    member = world.one("member", id=email["member_id"])
    return Walker(
        member["handle"],
        member["id"],
        member["role"],
        frozenset(row["group_id"] for row in world.all("group_member", member_id=member["id"])),
        frozenset(row["category_id"] for row in world.all("category_moderator", member_id=member["id"])),
        is_out=member["state"] != "active",
    )


def may_hold(world: World, job: str, to: str, planted: Planted) -> bool:
    """Whether a mail of `job` to that address may hold what was planted there."""
    reader, column, row = reader_of(world, to), planted.column, planted.row
    if column in TOLD.get(job, ()) or RULES[column](world, reader, row):
        return True
    if column in ABOUT:
        return bool(reader.member_id) and row[ABOUT[column]] == reader.member_id
    return column in BY_ADDRESS and world.one(column.partition(".")[0], id=row["id"])["address"] == to

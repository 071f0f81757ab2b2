"""HTTP of what keeps the site running: test mails and jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.administration import commands
from forum.administration.trial import send_test
from forum.kit import queue
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of, tools_of
from forum.kit.queue import HeldJob, Waiting
from forum.mail.domain_check import Check, check_domain
from forum.mail.testing import count_test
from forum.mail.types import NO_ADDRESS_OF_YOURS
from forum.members.policy import require_admin
from forum.members.queries import mail_address
from forum.members.types import Actor
from forum.site.queries import mail_tests
from forum.site.types import MailTest

STATES = {"queued": "waiting", "picked": "running", "failed": "failed"}


@dataclass(frozen=True)
class MailPage:
    """Where mails go, as far as it is no secret, and what came of the latest tests. problem: why none was sent.

    domain: that mails are sent from; checks: what its DNS says, when that was asked for.
    """

    actor: Actor
    sender: str
    can_mail: bool
    is_demo: bool
    tests: Sequence[MailTest]
    problem: str
    domain: str
    checks: Sequence[Check]
    is_checked: bool


@dataclass(frozen=True)
class JobsPage:
    """What is in the queue. counts: how many wait, run and failed, in words of `states`."""

    actor: Actor
    waiting: Sequence[Waiting]
    held: Sequence[HeldJob]
    states: dict[str, str]
    counts: dict[str, int]


async def mail(request: Request) -> Response:
    """The latest test mails."""
    return await _mail(request)


async def test_mail(request: Request) -> Response:
    """Send one to whoever asks."""
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    await form_of(request)
    address = await mail_address(db, actor.id)
    if address is None:
        return await _mail(request, NO_ADDRESS_OF_YOURS, 422)
    await count_test(db, actor)
    is_good, outcome = await send_test(tools_of(request), actor, address)
    await commands.note_mail_test(db, actor, outcome, is_good=is_good)
    return redirect("/admin/mail")


async def _mail(request: Request, problem: str = "", status: int = 200) -> Response:
    require_admin(request.state.actor)
    settings, is_checked = settings_of(request), request.query_params.get("check") == "1"
    page = MailPage(
        actor=request.state.actor,
        sender=settings.sender,
        can_mail=settings.can_mail,
        is_demo=settings.demo,
        tests=await mail_tests(db_of(request)),
        problem=problem,
        domain=settings.sender_domain,
        checks=await check_domain(settings, tools_of(request).dns) if is_checked else (),
        is_checked=is_checked,
    )
    return render(request, "administration/mail.html", page, status)


async def jobs(request: Request) -> Response:
    """What waits, what runs, what failed."""
    require_admin(request.state.actor)
    found = await queue.waiting(db_of(request))
    counts = {word: sum(each.count for each in found if each.status == state) for state, word in STATES.items()}
    page = JobsPage(request.state.actor, found, await queue.held_jobs(db_of(request)), STATES, counts)
    return render(request, "administration/jobs.html", page)


async def act_on_job(request: Request) -> Response:
    """Run a failed job again, or drop it."""
    db, actor = db_of(request), request.state.actor
    require_admin(actor)
    decision = (await form_of(request, "decision")).one_of("decision", ("retry", "drop"))
    command = commands.retry_job if decision == "retry" else commands.drop_job
    await command(db, actor, path_id(request, "job_id"))
    return redirect("/admin/jobs?notice=decided-job")


async def retry_all(request: Request) -> Response:
    """Run every failed job again."""
    require_admin(request.state.actor)
    await form_of(request)
    if not await commands.retry_jobs(db_of(request), request.state.actor):
        raise Invalid(jobs="No failed job is left.")
    return redirect("/admin/jobs?notice=decided-job")


routes = [
    Route("/admin/mail", mail),
    Route("/admin/mail", test_mail, methods=["POST"]),
    Route("/admin/jobs", jobs),
    Route("/admin/jobs/retry", retry_all, methods=["POST"]),
    Route("/admin/jobs/{job_id:int}", act_on_job, methods=["POST"]),
]

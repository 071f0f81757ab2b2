"""Every job that mails is asked for everything there is: each mail holds only what its one reader may know."""

from contextlib import nullcontext

import pytest

from forum.kit.tools import Tools
from tests.walker.canaries import CANARY
from tests.walker.mails import JOBS, OUTSIDE, mailing, may_hold, payloads
from tests.walker.scene import a_scene

pytestmark = pytest.mark.xdist_group("walker")


async def test_a_mail_holds_only_what_its_reader_may_know_and_every_job_that_mails_has_mailed(tools: Tools):
    scene = await a_scene(tools)
    mailed, leaks = set(), set()
    for name in sorted(mailing(), key=lambda name: (name == OUTSIDE, name)):
        for payload in payloads(scene.world, JOBS[name]):
            tools.mailer.sent.clear()
            async with nullcontext() if name == OUTSIDE else tools.db.transaction(force_rollback=True):
                await JOBS[name](tools, **payload)
            mailed |= {name for _ in tools.mailer.sent}
            leaks |= {leak for mail in tools.mailer.sent for leak in leaked(scene.world, name, mail)}

    assert "\n".join(sorted(leaks)) == ""
    assert sorted(mailing() - mailed) == [], "Add a row to tests/walker/built.py about which this job mails somebody."


def leaked(world, job, mail, said=""):
    assert mail.to.count("@") == 1, "one reader a mail"
    for word in set(CANARY.findall(f"{mail.subject} {mail.text}")) - set(CANARY.findall(f"{mail.to} {said}")):
        planted = world.planted[word]
        if not may_hold(world, job, mail.to, planted):
            yield f"{job} told {mail.to} {planted.column}"


def test_most_jobs_that_react_to_something_mail():
    assert len(mailing()) >= 15

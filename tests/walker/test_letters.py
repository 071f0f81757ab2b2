"""Mails of posts and digests, queued for everybody about everything: each holds only what its one reader may read."""

import pytest

from forum.kit.db import run, value
from forum.kit.tools import Tools
from forum.mail.digests.making import make_due, plan_stale
from forum.wiring import deliver_mails
from tests.walker.scene import Scene, a_scene
from tests.walker.test_mails import leaked

pytestmark = pytest.mark.xdist_group("walker")
ZONE = "America/Chicago"
JOB = "forum.wiring.deliver_mails"


async def everybody_follows_everything(tools: Tools, level: str) -> Scene:
    scene = await a_scene(tools)
    await run(tools.db, "DELETE FROM mail")
    await run(tools.db, "DELETE FROM mail_wish")
    await run(tools.db, "DELETE FROM follow")
    await run(
        tools.db,
        """
        INSERT INTO follow (member_id, kind, target_id, level, every_days)
        SELECT m.id, 'everything', 0, :level, CASE WHEN :level = 'digest' THEN 1 END FROM member m
        """,
        level=level,
    )
    return scene


async def sent(tools: Tools, scene: Scene) -> int:
    """How many mails were sent, once none of them told what it must not."""
    tools.mailer.sent.clear()
    await deliver_mails(tools)
    leaks = {leak for mail in tools.mailer.sent for leak in leaked(scene.world, JOB, mail)}
    assert "\n".join(sorted(leaks)) == ""
    return len(tools.mailer.sent)


async def test_mails_of_posts_that_were_queued_for_everybody_go_to_those_who_may_read_them(tools: Tools):
    scene = await everybody_follows_everything(tools, "each")
    pairs = await value(
        tools.db,
        """
        WITH made AS (
            INSERT INTO mail (member_id, kind, dedupe_key, post_id, reason)
            SELECT m.id, 'instant', 'instant:' || p.id || ':' || m.id, p.id, 'everything' FROM member m, post p
            RETURNING id
        )
        SELECT count(*) FROM made
        """,
    )
    assert 0 < await sent(tools, scene) < pairs
    assert await value(tools.db, "SELECT count(*) FROM mail WHERE state NOT IN ('sent', 'unwanted')") == 0


async def test_mails_of_changed_events_that_were_queued_for_everybody_go_to_those_who_may_read_them(tools: Tools):
    scene = await everybody_follows_everything(tools, "each")
    pairs = await value(
        tools.db,
        """
        WITH made AS (
            INSERT INTO mail (member_id, kind, dedupe_key, post_id, version)
            SELECT m.id, 'change', 'change:' || e.post_id || ':' || m.id || ':' || e.version, e.post_id, e.version
            FROM member m, event e
            RETURNING id
        )
        SELECT count(*) FROM made
        """,
    )
    assert 0 < await sent(tools, scene) < pairs
    assert await value(tools.db, "SELECT count(*) FROM mail WHERE state NOT IN ('sent', 'unwanted')") == 0


async def test_digests_for_everybody_hold_what_each_may_read(tools: Tools):
    scene = await everybody_follows_everything(tools, "digest")
    await plan_stale(tools.db, zone=ZONE)
    await run(tools.db, "UPDATE digest_plan SET due_at = now()")
    await make_due(tools.db, zone=ZONE)
    await run(tools.db, "UPDATE digest_mark SET since = '2000-01-01', until = now()")

    assert await sent(tools, scene) > 3

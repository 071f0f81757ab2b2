"""HTTP of the page that says why somebody hears of a post, or does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.following import policy, why
from forum.following.why_types import MailMade, Rule
from forum.following.wishes import Unreached
from forum.kit.http import db_of, path_id, render, settings_of
from forum.threads.queries import thread_of_post


@dataclass(frozen=True)
class WhyPage:
    """A post, whether and how its reader hears of it, and each rule.

    unreached: why no mail reaches the reader, "" where it does. mails: what mail was made of it, in sentences.
    """

    title: str
    path: str
    number: int
    outcome: str
    unreached: str
    rules: Sequence[Rule]
    mails: Sequence[str]


async def show(request: Request) -> Response:
    """Why one hears of this post, or does not."""
    db, actor, post_id = db_of(request), request.state.actor, path_id(request, "post_id")
    thread, post = await thread_of_post(db, actor, post_id)
    policy.may_wish(actor).require()
    outcome, rules = await why.reasons(db, actor, post_id)
    made: MailMade | None = request.app.state.mail_made
    mails = await made(db, actor, post_id, settings_of(request).time_zone) if made else ()
    unreached: Unreached = request.app.state.unreached
    page = WhyPage(
        thread.title, thread.place(post.number), post.number, outcome, await unreached(db, actor), rules, mails
    )
    return render(request, "following/why.html", page)


routes = [Route("/p/{post_id:int}/why", show)]

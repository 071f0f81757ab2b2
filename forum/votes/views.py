"""HTTP of votes: one button, swapped in place by the script, a redirect without one."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.http import db_of, form_of, fragment, path_id, redirect, wants_fragment
from forum.threads import queries
from forum.threads.types import Post
from forum.votes import commands


@dataclass(frozen=True)
class VotePage:
    """The button of one post, as it is now."""

    post: Post


async def helpful(request: Request) -> Response:
    """Mark a post helpful, or take the mark back: field `helpful` is "yes" or "no"."""
    db, actor, post_id = db_of(request), request.state.actor, path_id(request, "post_id")
    form = await form_of(request, "helpful")
    await commands.vote(db, actor, post_id, is_helpful=form.one_of("helpful", ("yes", "no")) == "yes")
    thread, post = await queries.shown_post(db, actor, post_id)
    if wants_fragment(request):
        return fragment(request, "votes/button_fragment.html", VotePage(post))
    return redirect(thread.place(post.number))


routes = [Route("/p/{post_id:int}/helpful", helpful, methods=["POST"])]

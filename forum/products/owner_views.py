"""HTTP of asking owners: the question, whether one may be asked, what waits for one, who asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Verdict
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.products import owner_queries, owners, policy, queries, reviewing
from forum.products.owner_types import QUESTION_FIELDS, Asker, Desk, QuestionDraft
from forum.products.review_types import ReviewDraft
from forum.products.types import Product


@dataclass(frozen=True)
class AskPage:
    """The form of a question to owners. writers: as whom one may ask; contacts: how many may be asked."""

    product: Product
    typed: Mapping[str, str]
    may_ask: Verdict
    writers: Sequence[tuple[str, str]]
    contacts: int
    problems: Mapping[str, str]


@dataclass(frozen=True)
class AskedPage:
    """What waits for the reader, and whose names they learned."""

    desk: Desk


@dataclass(frozen=True)
class AskerPage:
    """Who asked, for administrators."""

    asker: Asker


async def form(request: Request) -> Response:
    """The form of a question to the owners of a product."""
    return await _form(request, {})


async def ask(request: Request) -> Response:
    """Ask them."""
    slug = request.path_params["slug"]
    sent = await form_of(request, *QUESTION_FIELDS)
    try:
        path = await owners.ask(db_of(request), request.state.actor, slug, QuestionDraft.from_form(sent))
    except Invalid as problem:
        return await _form(request, sent, problem.fields, 422)
    return redirect(f"{path}?notice=asked")


async def contact(request: Request) -> Response:
    """Say that one may be asked about a product, or no more."""
    slug = request.path_params["slug"]
    sent = await form_of(request, "may_be_asked")
    is_willing = sent.one_of("may_be_asked", ("yes", "no")) == "yes"
    await owners.say_contact(db_of(request), request.state.actor, slug, may_be_asked=is_willing)
    return redirect(f"/products/{slug}?notice=saved#use")


async def asked(request: Request) -> Response:
    """What waits for the reader."""
    policy.may_ask_owners(request.state.actor, 0).require()
    desk = await owner_queries.desk(db_of(request), request.state.actor)
    return render(request, "products/asked.html", AskedPage(desk))


async def answer(request: Request) -> Response:
    """A question waits no more, or one offers to talk."""
    db, actor, asked_id = db_of(request), request.state.actor, path_id(request, "asked_id")
    act = (await form_of(request, "act")).one_of("act", ("answered", "not_for_me", "offer"))
    if act == "offer":
        await owners.offer(db, actor, asked_id)
    else:
        await owners.close(db, actor, asked_id, is_answered=act == "answered")
    return redirect("/asked?notice=done")


async def decide(request: Request) -> Response:
    """Exchange names with an owner who offered it, or not."""
    accepts = (await form_of(request, "act")).one_of("act", ("accept", "decline")) == "accept"
    await owners.decide(db_of(request), request.state.actor, path_id(request, "asked_id"), accepts=accepts)
    return redirect("/asked?notice=done")


async def asker(request: Request) -> Response:
    """Who asked, for administrators; looking is logged."""
    await form_of(request)
    found = await owners.asker(db_of(request), request.state.actor, path_id(request, "question_id"))
    return render(request, "products/asker.html", AskerPage(found))


async def _form(
    request: Request, typed: Mapping[str, str], problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    db, actor = db_of(request), request.state.actor
    product = await queries.product(db, actor, request.path_params["slug"])
    may_ask = await owners.may_ask(db, actor)
    unnamed = ReviewDraft(0, is_unnamed=True)
    size_name = (await reviewing.shown_as(db, actor, product, unnamed))[0] if may_ask else ""
    page = AskPage(
        product=product,
        typed=typed,
        may_ask=may_ask,
        writers=[("name", actor.name), ("size", size_name)],
        contacts=(await owner_queries.owners(db, actor, product.id)).contacts,
        problems=problems or {},
    )
    return render(request, "products/ask.html", page, status)


routes = [
    Route("/products/{slug}/ask", form),
    Route("/products/{slug}/ask", ask, methods=["POST"]),
    Route("/products/{slug}/contact", contact, methods=["POST"]),
    Route("/asked", asked),
    Route("/asked/{asked_id:int}", answer, methods=["POST"]),
    Route("/asked/{asked_id:int}/offer", decide, methods=["POST"]),
    Route("/asked/questions/{question_id:int}/writer", asker, methods=["POST"]),
]

"""HTTP of stories: telling how one moved from a product to another, and changing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Stale, Verdict
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, redirect, render
from forum.products import queries, stories, story_queries
from forum.products.review_types import dollars
from forum.products.story_types import CARRIED, REGRETS, STORY_FIELDS, OwnStory, StoryDraft
from forum.products.types import Product

CHANGED = "You changed this story elsewhere since you opened it. Compare, and save again to replace that."


@dataclass(frozen=True)
class MovedPage:
    """The form of a story. typed: its fields as text. fixed: the name of the product left, of a story that is told."""

    product: Product
    typed: Mapping[str, str]
    fixed: str
    may_tell: Verdict
    siblings: Sequence[tuple[str, str]]
    regrets: Sequence[tuple[str, str]]
    carried: Sequence[tuple[str, str]]
    problems: Mapping[str, str]


async def form(request: Request) -> Response:
    """The form of a story; with what one told of that move, if one has."""
    product, left = await _product(request), request.query_params.get("from", "")[:120]
    own = await _own(request, product, left)
    return await _form(request, product, _typed(own) if own else {"moved_from": left}, own)


async def tell(request: Request) -> Response:
    """Tell it, or change it."""
    db, actor, slug = db_of(request), request.state.actor, request.path_params["slug"]
    product, sent = await _product(request), await form_of(request, *STORY_FIELDS)
    try:
        path = await stories.tell(db, actor, slug, StoryDraft.from_form(sent))
    except Invalid as problem:
        own = await _own(request, product, sent.get("moved_from", "")) if sent.get("version", "0") != "0" else None
        return await _form(request, product, sent, own, problem.fields, 422)
    except Stale:
        own = await _own(request, product, sent.get("moved_from", ""))
        newest = {**sent, "version": str(own.draft.version if own else 0)}
        return await _form(request, product, newest, own, {"form": CHANGED}, 409)
    return redirect(f"{path}?notice=told#moves")


async def _product(request: Request) -> Product:
    return await queries.product(db_of(request), request.state.actor, request.path_params["slug"])


async def _own(request: Request, product: Product, left: str) -> OwnStory | None:
    """What one told of the move from the product at the address `left`."""
    db, actor = db_of(request), request.state.actor
    try:
        before = await stories.moved_from(db, actor, product, StoryDraft(left))
    except Invalid:
        return None
    return await story_queries.own_story(db, actor, before.id, product.id)


def _typed(own: OwnStory) -> dict[str, str]:
    draft = own.draft
    names = ("moved_from", "regret", "went_well", "went_badly", "weeks", "carried", "carried_how", "version")
    ticked = {"may_be_called": "1" if draft.may_be_called else ""}
    cost = {"cost": dollars(draft.cents) if draft.cents else ""}
    return {name: str(getattr(draft, name) or "") for name in names} | ticked | cost


async def _form(
    request: Request,
    product: Product,
    typed: Mapping[str, str] | Form,
    own: OwnStory | None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    db, actor = db_of(request), request.state.actor
    siblings = await story_queries.siblings(db, actor, product.id)
    left = await queries.product(db, actor, own.draft.moved_from) if own else None
    page = MovedPage(
        product=product,
        typed=typed,
        fixed=left.name if left else "",
        may_tell=await stories.may_tell(db, actor, own),
        siblings=[("", "Choose one"), *siblings],
        regrets=[(str(each), words) for each, words in REGRETS.items()],
        carried=[("", "Rather not say"), *CARRIED.items()],
        problems=problems or {},
    )
    return render(request, "products/moved.html", page, status)


routes = [
    Route("/products/{slug}/moved", form),
    Route("/products/{slug}/moved", tell, methods=["POST"]),
]

"""HTTP of the catalogue: products, one product, what one's district runs, suggesting what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Verdict
from forum.kit.http import db_of, form_of, redirect, render
from forum.members.policy import may_see_person
from forum.members.types import Actor
from forum.products import (
    commands,
    owner_queries,
    policy,
    prices,
    queries,
    review_queries,
    reviewing,
    scoring,
    story_queries,
    suggesting,
)
from forum.products.compare_types import MOST, compare_path
from forum.products.owner_types import Owners
from forum.products.review_types import OwnReview, Review, ReviewsSought
from forum.products.score_types import NO_SCORE, Choosing, PriceRange, Rival, Score
from forum.products.story_types import Stories
from forum.products.types import (
    ORDERS,
    SUGGESTION_FIELDS,
    Product,
    RatedRow,
    Sought,
    SuggestionDraft,
    Use,
    UseDraft,
    Vendor,
    kind_choices,
)
from forum.threads.mentions import unlinked
from forum.threads.similar import Alike, SimilarThread, readable_threads


@dataclass(frozen=True)
class CataloguePage:
    """Products, those sought, in their order; `older` is the link to the next page or ""."""

    products: Sequence[RatedRow]
    kinds: Sequence[tuple[str, str]]
    sought: Sought
    older: str
    waiting: Sequence[str]
    may_suggest: Verdict
    may_manage: Verdict

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """Where each order is shown, its name, and whether it is this one."""
        return [
            (replace(self.sought, order=order).path(), words, order == self.sought.order)
            for order, words in ORDERS.items()
        ]


@dataclass(frozen=True)
class Reader:
    """What the reader of reviews may do with each."""

    sees_people: Verdict
    answers: bool
    may_see_writer: Verdict


@dataclass(frozen=True)
class ProductPage:
    """One product with its reviews. uses: districts that run it or ran it, none for those who may not know; own: the
    reader's. score: of the peers that the reader chose. related: threads about it. older: the link to the next page of
    reviews or "".
    """

    product: Product
    score: Score
    may_see_prices: Verdict
    prices: Sequence[PriceRange]
    choosing: Choosing
    reviews: Sequence[Review]
    reader: Reader
    sought: ReviewsSought
    older: str
    own_review: OwnReview | None
    may_review: Verdict
    others: Sequence[Rival]
    related: Sequence[SimilarThread]
    compare_path: str
    thread_path: str
    stories: Stories
    may_tell: Verdict
    owners: Owners
    may_ask_owners: Verdict
    may_see_districts: Verdict
    uses: Sequence[Use]
    own: Use | None
    may_say_use: Verdict
    may_manage: Verdict
    since_year: str
    left_year: str
    problems: Mapping[str, str]


@dataclass(frozen=True)
class SuggestPage:
    """The form for a product that is missing."""

    draft: SuggestionDraft
    kinds: Sequence[tuple[str, str]]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class VendorPage:
    """A vendor and what it sells."""

    vendor: Vendor
    products: Sequence[RatedRow]
    may_manage: Verdict


async def catalogue(request: Request) -> Response:
    """All products, or those one looks for."""
    db, actor = db_of(request), request.state.actor
    policy.may_see_products(actor).require()
    sought = Sought.from_query(request.query_params)
    found = await queries.products(db, actor, sought, after=request.query_params.get("after", ""))
    shown = found[: queries.PRODUCTS_A_PAGE]
    page = CataloguePage(
        products=shown,
        kinds=kind_choices(await queries.kinds(db), "Any"),
        sought=sought,
        older=sought.path(shown[-1].slug) if len(found) > len(shown) else "",
        waiting=await queries.own_suggestions(db, actor),
        may_suggest=policy.may_suggest(actor),
        may_manage=policy.may_manage(actor),
    )
    return render(request, "products/catalogue.html", page)


async def show(request: Request) -> Response:
    """One product; an address it had before leads to today's."""
    slug = request.path_params["slug"]
    product = await queries.product(db_of(request), request.state.actor, slug)
    if product.slug != slug:
        return RedirectResponse(product.path, status_code=301)
    return await _show(request, product)


async def use(request: Request) -> Response:
    """Say since when one's district runs it, and until when it did; or that this was a mistake."""
    db, actor, slug = db_of(request), request.state.actor, request.path_params["slug"]
    form = await form_of(request, "act", "since_year", "left_year")
    product = await queries.product(db, actor, slug)
    try:
        if form.one_of("act", ("runs", "never")) == "never":
            await commands.unsay_use(db, actor, slug)
        else:
            await commands.say_use(db, actor, slug, UseDraft.from_form(form))
    except Invalid as problem:
        return await _show(request, product, form, problem.fields, 422)
    return redirect(f"{product.path}?notice=saved#districts")


async def suggest(request: Request) -> Response:
    """The form for a product that is missing."""
    policy.may_suggest(request.state.actor).require()
    name = request.query_params.get("name", "")[:120]
    return await _suggest(request, SuggestionDraft(name, "", ""))


async def send_suggestion(request: Request) -> Response:
    """Suggest it."""
    draft = SuggestionDraft.from_form(await form_of(request, *SUGGESTION_FIELDS))
    try:
        await suggesting.suggest(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _suggest(request, draft, problem.fields, 422)
    return redirect("/products?notice=suggested")


async def vendor(request: Request) -> Response:
    """A vendor and what it sells."""
    db, actor = db_of(request), request.state.actor
    found = await queries.vendor(db, actor, request.path_params["slug"])
    page = VendorPage(found, await queries.products_of(db, actor, found.id), policy.may_manage(actor))
    return render(request, "products/vendor.html", page)


def _shown(actor: Actor, review: Review) -> Review:
    """A review as `actor` reads it: for vendors nobody who is mentioned is a link."""
    if not actor.is_vendor:
        return review
    return review._replace(html=unlinked(review.html), answer_html=unlinked(review.answer_html))


async def _show(
    request: Request,
    product: Product,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    db, actor = db_of(request), request.state.actor
    choosing, sought = await review_queries.choosing(db, actor), ReviewsSought.from_query(request.query_params)
    peers = choosing.peers
    reviews = await review_queries.reviews(db, actor, product.id, sought, peers)
    shown = [_shown(actor, each) for each in reviews[: review_queries.REVIEWS_A_PAGE]]
    may_see_prices, others = policy.may_see_prices(actor), await review_queries.rivals(db, actor, product.id)
    district_id = await queries.district_of(db, actor)
    may_see = policy.may_see_districts(actor)
    uses = await queries.uses(db, product.id) if may_see else []
    own = next((each for each in uses if each.district_id == district_id), None)
    if typed is None:
        typed = {"since_year": str(own.since_year or ""), "left_year": str(own.left_year or "")} if own else {}
    page = ProductPage(
        product=product,
        score=(await scoring.peer_scores(db, [product.id], peers)).get(product.id, NO_SCORE),
        may_see_prices=may_see_prices,
        prices=await prices.price_ranges(db, [product.id], peers) if may_see_prices else [],
        choosing=choosing,
        reviews=shown,
        reader=Reader(
            may_see_person(actor, ""),
            await queries.speaks_for(db, actor, product.vendor_id),
            policy.may_see_writer(actor),
        ),
        sought=sought,
        older=sought.path(product.path, shown[-1].id) if len(reviews) > len(shown) else "",
        own_review=await review_queries.own_review(db, actor, product.id),
        may_review=await reviewing.may_review(db, actor, product, district_id),
        others=others,
        related=await _related(request, product),
        compare_path=compare_path([product.slug, *(each.slug for each in others[: MOST - 1])]) if others else "",
        thread_path=shown[0].thread_path if shown else "",
        stories=await story_queries.stories(db, actor, product.id),
        may_tell=policy.may_tell_move(actor, district_id),
        owners=await owner_queries.owners(db, actor, product.id),
        may_ask_owners=policy.may_ask_owners(actor, district_id),
        may_see_districts=may_see,
        uses=uses,
        own=own,
        may_say_use=policy.may_say_use(actor, district_id),
        may_manage=policy.may_manage(actor),
        since_year=typed.get("since_year", ""),
        left_year=typed.get("left_year", ""),
        problems=problems or {},
    )
    return render(request, "products/show.html", page, status)


async def _related(request: Request, product: Product) -> list[SimilarThread]:
    """Threads about it, but for the one that its reviews are in."""
    alike: Alike = request.app.state.alike
    actor, thread_id = request.state.actor, product.review_thread_id or 0
    ids = await alike("", actor=actor, besides=thread_id, product_id=product.id)
    return await readable_threads(db_of(request), actor, ids)


async def _suggest(
    request: Request, draft: SuggestionDraft, problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    kinds = kind_choices(await queries.kinds(db_of(request)), "Choose one")
    return render(request, "products/suggest.html", SuggestPage(draft, kinds, problems or {}), status)


routes = [
    Route("/products", catalogue),
    Route("/products/suggest", suggest),
    Route("/products/suggest", send_suggestion, methods=["POST"]),
    Route("/products/{slug}", show),
    Route("/products/{slug}/use", use, methods=["POST"]),
    Route("/vendors/{slug}", vendor),
]

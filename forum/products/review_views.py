"""HTTP of reviews: writing one, a vendor's answer, who wrote it, and whom one takes for one's peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Stale, Verdict
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, own_path, path_id, redirect, render
from forum.kit.markdown import render_safely
from forum.products import answering, policy, queries, review_queries, reviewing
from forum.products.review_queries import Writer
from forum.products.review_types import (
    CORRECTING_DAYS,
    PARTS,
    RENEWALS,
    REVIEW_FIELDS,
    STARS,
    UNITS,
    Answering,
    OwnReview,
    ReviewDraft,
    dollars,
)
from forum.products.score_types import PEER_FIELDS, Peers
from forum.products.types import Product

CHANGED = "You changed this review elsewhere since you opened it. Compare, and save again to replace that."
CORRECTED = "A colleague of yours has answered, or changed the answer. Compare, and send again to replace it."


@dataclass(frozen=True)
class ReviewPage:
    """The form of a review. typed: its fields as text. shows: what others will see, while it is previewed."""

    product: Product
    typed: Mapping[str, str]
    is_new: bool
    may_review: Verdict
    stars: Sequence[tuple[str, str]]
    parts: Mapping[str, str]
    points: Sequence[tuple[str, str]]
    renewals: Sequence[tuple[str, str]]
    units: Sequence[tuple[str, str]]
    real_name: str
    other_name: str
    shown_name: str
    preview_html: str
    problems: Mapping[str, str]


@dataclass(frozen=True)
class AnswerPage:
    """The form of a vendor's answer to a review."""

    answering: Answering
    may_answer: Verdict
    body: str
    version: int
    days: int
    problems: Mapping[str, str]

    @property
    def html(self) -> str:
        return self.answering.review_html


@dataclass(frozen=True)
class WriterPage:
    """Who wrote a review, for administrators."""

    writer: Writer


async def form(request: Request) -> Response:
    """The form of one's review; with what one wrote, if there is one."""
    product = await _product(request)
    own = await review_queries.own_review(db_of(request), request.state.actor, product.id)
    return await _form(request, product, _typed(own) if own else {})


async def send(request: Request) -> Response:
    """Look at the review as others will see it, or keep it."""
    db, actor, slug = db_of(request), request.state.actor, request.path_params["slug"]
    product, sent = await _product(request), await form_of(request, *REVIEW_FIELDS)
    try:
        draft = ReviewDraft.from_form(sent)
        if sent.get("act") == "preview":
            draft.check(datetime.now(UTC).year)
            policy.may_review(actor, await queries.district_of(db, actor)).require()
            return await _form(request, product, sent, preview=draft)
        path = await reviewing.review(db, actor, slug, draft)
    except Invalid as problem:
        return await _form(request, product, sent, problems=problem.fields, status=422)
    except Stale:
        own = await review_queries.own_review(db, actor, product.id)
        newest = {**sent, "version": str(own.draft.version if own else 0)}
        return await _form(request, product, newest, problems={"form": CHANGED}, status=409)
    return redirect(f"{path}?notice=reviewed#reviews")


async def say_still_true(request: Request) -> Response:
    """What one wrote still holds."""
    await form_of(request)
    slug = request.path_params["slug"]
    await reviewing.say_still_true(db_of(request), request.state.actor, slug)
    return redirect(f"/products/{slug}?notice=saved#reviews")


async def withdraw(request: Request) -> Response:
    """Take one's review back."""
    await form_of(request)
    slug = request.path_params["slug"]
    await reviewing.withdraw(db_of(request), request.state.actor, slug)
    return redirect(f"/products/{slug}?notice=withdrawn#reviews")


async def choose_peers(request: Request) -> Response:
    """Remember whom one takes for one's peers."""
    sent = await form_of(request, *PEER_FIELDS, "act")
    peers = Peers() if sent.get("act") == "all" else Peers.from_form(sent)
    await reviewing.choose_peers(db_of(request), request.state.actor, peers)
    return redirect(own_path(sent.get("next", "/products")))


async def answer_form(request: Request) -> Response:
    """The form of a vendor's answer."""
    found = await review_queries.answering(db_of(request), request.state.actor, path_id(request, "review_id"))
    return _answer(request, found, found.body)


async def answer(request: Request) -> Response:
    """Answer a review, or correct the answer."""
    db, actor, review_id = db_of(request), request.state.actor, path_id(request, "review_id")
    sent = await form_of(request, "body", "version")
    body, version = sent.get("body", ""), sent.whole("version") or 0
    try:
        found = await answering.answer(db, actor, review_id, body, version=version)
    except Invalid as problem:
        found = await review_queries.answering(db, actor, review_id)
        return _answer(request, found, body, problem.fields, 422)
    except Stale:
        found = await review_queries.answering(db, actor, review_id)
        return _answer(request, found, body, {"body": CORRECTED}, 409)
    return redirect(f"/products/{found.product_slug}?notice=saved#reviews")


async def writer(request: Request) -> Response:
    """Who wrote a review, for administrators; asking is logged."""
    await form_of(request)
    found = await reviewing.writer(db_of(request), request.state.actor, path_id(request, "review_id"))
    return render(request, "products/writer.html", WriterPage(found))


async def _product(request: Request) -> Product:
    return await queries.product(db_of(request), request.state.actor, request.path_params["slug"])


def _typed(own: OwnReview) -> dict[str, str]:
    """One's review as the fields of its form."""
    draft = own.draft
    words = ("stars", *PARTS, "works", "lacks", "to_ask", "left_for", "would_renew", "renew_if", "version")
    fields = {
        **{name: getattr(draft, name) for name in words},
        "since_year": draft.use.since_year,
        "left_year": draft.use.left_year,
        "price": dollars(draft.price.cents) if draft.price.cents else "",
        "unit": draft.price.unit,
        "term_months": draft.price.term_months,
        "included": draft.price.included,
        "ends_on": draft.price.ends_on,
        "has_conflict": "1" if draft.has_conflict else "",
        "show_as": "size" if draft.is_unnamed else "name",
    }
    return {name: "" if value is None else str(value) for name, value in fields.items()}


async def _form(
    request: Request,
    product: Product,
    typed: Mapping[str, str] | Form,
    *,
    preview: ReviewDraft | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    db, actor = db_of(request), request.state.actor
    may_review = await reviewing.may_review(db, actor, product, await queries.district_of(db, actor))
    unnamed = await reviewing.shown_as(db, actor, product, ReviewDraft(0, is_unnamed=True)) if may_review else ("", "")
    page = ReviewPage(
        product=product,
        typed=typed,
        is_new=typed.get("version", "0") in ("", "0"),
        may_review=may_review,
        stars=[(str(each), f"{'★' * each} {words}") for each, words in STARS.items()],
        parts=PARTS,
        points=[("", "Leave it out"), *((str(each), f"{each} {words.lower()}") for each, words in STARS.items())],
        renewals=[("", "Rather not say"), *RENEWALS.items()],
        units=list(UNITS.items()),
        real_name=actor.name,
        other_name=unnamed[0],
        shown_name=(unnamed[0] if preview.is_unnamed else actor.name) if preview else "",
        preview_html=(await render_safely(preview.as_post())).html if preview else "",
        problems=problems or {},
    )
    return render(request, "products/review.html", page, status)


def _answer(
    request: Request, found: Answering, body: str, problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    may_answer = policy.may_answer(request.state.actor, found)
    page = AnswerPage(found, may_answer, body, found.version, CORRECTING_DAYS, problems or {})
    return render(request, "products/answer.html", page, status)


routes = [
    Route("/products/peers", choose_peers, methods=["POST"]),
    Route("/products/{slug}/review", form),
    Route("/products/{slug}/review", send, methods=["POST"]),
    Route("/products/{slug}/review/still-true", say_still_true, methods=["POST"]),
    Route("/products/{slug}/review/withdraw", withdraw, methods=["POST"]),
    Route("/reviews/{review_id:int}/answer", answer_form),
    Route("/reviews/{review_id:int}/answer", answer, methods=["POST"]),
    Route("/reviews/{review_id:int}/writer", writer, methods=["POST"]),
]

"""HTTP of review rounds: the list, one round on one page, answering, deciding, and the plan of a contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Stale, Verdict
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of
from forum.members.policy import may_see_person
from forum.products import policy as products_policy
from forum.products import prices, review_queries, reviewing, scoring
from forum.products import queries as products
from forum.products.review_types import RENEWALS, STARS, ReviewDraft
from forum.products.score_types import NO_SCORE, PriceRange, Rival, Score
from forum.renewals import policy, queries, round_queries, rounds
from forum.renewals.round_types import (
    ANSWER_FIELDS,
    DECISION_FIELDS,
    DECISIONS,
    PLANS,
    RIGHT,
    Answer,
    AnswerDraft,
    DecisionDraft,
    OwnAnswer,
    Plan,
    Round,
    RoundRow,
    Tally,
)
from forum.renewals.types import Contract
from forum.threads import queries as threads
from forum.threads.similar import SimilarThread

CHANGED = "You changed your answer elsewhere since you opened it. Compare, and send again to replace that."


@dataclass(frozen=True)
class RoundsPage:
    """Rounds: those that wait for the reader's answer or judgement, those that run, those that are closed."""

    waiting: Sequence[RoundRow]
    running: Sequence[RoundRow]
    closed: Sequence[RoundRow]


@dataclass(frozen=True)
class RoundPage:
    """One round on one page: what members say, what the product comes to, what else there is, what was decided."""

    round: Round
    tally: Tally
    answers: Sequence[Answer]
    sees_people: Verdict
    score: Score
    may_see_prices: Verdict
    prices: Sequence[PriceRange]
    rivals: Sequence[Rival]
    similar: Sequence[SimilarThread]
    may_answer: Verdict
    own: OwnAnswer | None
    typed: Mapping[str, str]
    real_name: str
    other_name: str
    stars: Sequence[tuple[str, str]]
    renewals: Sequence[tuple[str, str]]
    may_run: Verdict
    may_decide: Verdict
    may_judge: Verdict
    decisions: Sequence[tuple[str, str]]
    rights: Sequence[tuple[str, str]]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class PlanPage:
    """Whether members are asked about a contract of one's own district."""

    contract: Contract
    plan: Plan
    plans: Sequence[tuple[str, str]]
    problems: Mapping[str, str]


async def overview(request: Request) -> Response:
    """The newest rounds."""
    actor = request.state.actor
    policy.may_see_renewals(actor).require()
    found = await round_queries.rounds(db_of(request), actor)
    waiting = [each for each in found if each.waits_for_me or each.asks_again]
    rest = [each for each in found if each not in waiting]
    page = RoundsPage(waiting, [each for each in rest if not each.is_closed], [each for each in rest if each.is_closed])
    return render(request, "renewals/rounds.html", page)


async def show(request: Request) -> Response:
    """One round."""
    found = await _round(request)
    own = await round_queries.own_answer(db_of(request), request.state.actor, found.id)
    return await _show(request, found, _typed(own) if own else {})


async def answer(request: Request) -> Response:
    """Answer it, or change one's answer."""
    db, actor, found = db_of(request), request.state.actor, await _round(request)
    form = await form_of(request, *ANSWER_FIELDS)
    try:
        await rounds.answer(db, actor, found.id, AnswerDraft.from_form(form))
    except Invalid as problem:
        return await _show(request, found, form, problem.fields, 422)
    except Stale:
        own = await round_queries.own_answer(db, actor, found.id)
        newest = {**form, "version": str(own.draft.version if own else 0)}
        return await _show(request, found, newest, {"form": CHANGED}, 409)
    return redirect(f"{found.path}?notice=answered#answers")


async def put_away(request: Request) -> Response:
    """One would rather not answer."""
    await form_of(request)
    await rounds.put_away(db_of(request), request.state.actor, path_id(request, "round_id"))
    return redirect("/rounds?notice=saved")


async def close(request: Request) -> Response:
    """One's own district has heard enough."""
    await form_of(request)
    round_id = path_id(request, "round_id")
    await rounds.close_now(db_of(request), request.state.actor, round_id)
    return redirect(f"/rounds/{round_id}?notice=saved#decision")


async def decide(request: Request) -> Response:
    """Record what was chosen, and why."""
    found = await _round(request)
    form = await form_of(request, *DECISION_FIELDS)
    try:
        await rounds.decide(db_of(request), request.state.actor, found.id, DecisionDraft.from_form(form))
    except Invalid as problem:
        return await _show(request, found, form, problem.fields, 422)
    return redirect(f"{found.path}?notice=saved#decision")


async def judge(request: Request) -> Response:
    """Say a year later whether it was right."""
    found = await _round(request)
    form = await form_of(request, "was_right", "lesson")
    try:
        await rounds.judge(
            db_of(request), request.state.actor, found.id, form.get("was_right", ""), form.get("lesson", "")
        )
    except Invalid as problem:
        return await _show(request, found, form, problem.fields, 422)
    return redirect(f"{found.path}?notice=saved#decision")


async def plan(request: Request) -> Response:
    """Whether members are asked about a contract."""
    return await _plan(request)


async def choose_plan(request: Request) -> Response:
    """Choose that, or ask at once."""
    db, actor, contract_id = db_of(request), request.state.actor, path_id(request, "contract_id")
    form = await form_of(request, "asks", "act")
    asks = form.get("asks", "")
    try:
        if form.one_of("act", ("save", "open")) == "save":
            await rounds.choose_plan(db, actor, contract_id, asks)
            return redirect("/renewals?notice=saved")
        zone = settings_of(request).time_zone
        round_id = await rounds.open_now(db, actor, contract_id, is_unnamed=asks != "named", time_zone=zone)
    except Invalid as problem:
        return await _plan(request, problem.fields, 422)
    return redirect(f"/rounds/{round_id}?notice=round-opened")


async def _round(request: Request) -> Round:
    return await round_queries.review_round(db_of(request), request.state.actor, path_id(request, "round_id"))


def _typed(own: OwnAnswer) -> dict[str, str]:
    """One's answer as the fields of its form."""
    draft = own.draft
    fields = {name: getattr(draft, name) for name in ANSWER_FIELDS if name != "show_as"}
    fields["show_as"] = "size" if draft.is_unnamed else "name"
    return {name: "" if each is None else str(each) for name, each in fields.items()}


async def _show(
    request: Request,
    found: Round,
    typed: Mapping[str, str] | Form,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    db, actor = db_of(request), request.state.actor
    peers = (await review_queries.choosing(db, actor)).peers
    product = await products.product(db, actor, found.product_slug)
    may_answer = await rounds.may_answer(db, actor, found)
    may_see_prices = products_policy.may_see_prices(actor)
    other_name = (await reviewing.shown_as(db, actor, product, ReviewDraft(0, is_unnamed=True)))[0]
    page = RoundPage(
        round=found,
        tally=await round_queries.tally(db, found.id),
        answers=await round_queries.answers(db, actor, found.id),
        sees_people=may_see_person(actor, ""),
        score=(await scoring.peer_scores(db, [product.id], peers)).get(product.id, NO_SCORE),
        may_see_prices=may_see_prices,
        prices=await prices.price_ranges(db, [product.id], peers) if may_see_prices else [],
        rivals=await review_queries.rivals(db, actor, product.id),
        similar=(await threads.reading(db, actor, found.thread_id, limit=1, alike=request.app.state.alike)).similar,
        may_answer=may_answer,
        own=await round_queries.own_answer(db, actor, found.id),
        typed=typed,
        real_name=actor.name,
        other_name=other_name,
        stars=[("", "Leave it out"), *((str(each), f"{each} {words.lower()}") for each, words in STARS.items())],
        renewals=list(RENEWALS.items()),
        may_run=policy.may_run_round(actor, found),
        may_decide=policy.may_decide(actor, found),
        may_judge=policy.may_judge(actor, found),
        decisions=list(DECISIONS.items()),
        rights=list(RIGHT.items()),
        problems=problems or {},
    )
    return render(request, "renewals/round.html", page, status)


async def _plan(request: Request, problems: Mapping[str, str] | None = None, status: int = 200) -> Response:
    db = db_of(request)
    contract = await queries.contract(db, request.state.actor, path_id(request, "contract_id"))
    page = PlanPage(contract, await round_queries.plan(db, contract), list(PLANS.items()), problems or {})
    return render(request, "renewals/plan.html", page, status)


routes = [
    Route("/rounds", overview),
    Route("/rounds/{round_id:int}", show),
    Route("/rounds/{round_id:int}/answer", answer, methods=["POST"]),
    Route("/rounds/{round_id:int}/put-away", put_away, methods=["POST"]),
    Route("/rounds/{round_id:int}/close", close, methods=["POST"]),
    Route("/rounds/{round_id:int}/decision", decide, methods=["POST"]),
    Route("/rounds/{round_id:int}/right", judge, methods=["POST"]),
    Route("/renewals/{contract_id:int}/round", plan),
    Route("/renewals/{contract_id:int}/round", choose_plan, methods=["POST"]),
]

"""Fills the demo's renewals: what districts have under contract, over the next 14 months."""

from collections.abc import Iterator
from datetime import date, timedelta

from forum.demo.chance import share
from forum.demo.settling import Ground
from forum.demo.types import Catalogue, Community
from forum.kit.db import Database
from forum.members.queries import actor
from forum.renewals import commands
from forum.renewals.types import ContractDraft

SPAN_DAYS = 420
USUAL_ENDS = ("06-30", "06-30", "06-30", "07-31", "12-31", "", "", "")
NOTICES = ("60", "90", "90", "120", "180")
TERMS = ("12", "12", "36", "60")
NOTES = ("Price is fixed until the end.", "Ask for the price of three years.", "The board decides in spring.")


async def sign_contracts(db: Database, community: Community, ground: Ground) -> None:
    """Add them, each by somebody of the district, as chance has it."""
    keepers: dict[str, str] = {}
    for member in community.members:
        if member.role != "vendor" and member.district:
            keepers.setdefault(member.district, member.handle)
    for district, handle in sorted(keepers.items()):
        keeper = await actor(db, ground.members[handle])
        for draft in _drafts(community.catalogue, district, ground.now.date()):
            await commands.add(db, keeper, draft)


def _drafts(catalogue: Catalogue, district: str, today: date) -> Iterator[ContractDraft]:
    if share(district, "keeps contracts") > 0.85:
        return
    for product in catalogue.products:
        if product.status == "discontinued" or share(product.name, district) >= product.share:
            continue
        yield ContractDraft(
            product=product.name,
            ends_on=_end(district, product.name, today).isoformat(),
            notice_days=_pick(NOTICES, district, product.name, "notice"),
            term_months=_pick(TERMS, district, product.name, "term"),
            yearly_cost=f"{1_500 + 500 * int(share(district, product.name, 'cost') * 120)}",
            visibility=_pick(("us", "staff", "members", "members"), district, product.name, "visibility"),
            note=_pick((*NOTES, "", "", ""), district, product.name, "note"),
        )


def _end(district: str, product: str, today: date) -> date:
    """Many contracts of schools end with June, some with July or the year; the others on any day."""
    usual = _pick(USUAL_ENDS, district, product, "usual")
    if not usual:
        return today + timedelta(days=int(share(district, product, "end") * SPAN_DAYS))
    this_year = date.fromisoformat(f"{today.year}-{usual}")
    return this_year if this_year >= today else date.fromisoformat(f"{today.year + 1}-{usual}")


def _pick(choices: tuple[str, ...], *words: str) -> str:
    return choices[int(share(*words) * len(choices))]

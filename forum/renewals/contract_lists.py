"""Reads a list of contracts, as spreadsheets save it, and says of each line whether it will do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forum.kit.errors import Invalid
from forum.kit.sheets import fields_of, places_of, rows_of
from forum.products.types import compared
from forum.renewals.types import FIELDS, NO_SUCH_PRODUCT, ContractDraft, Terms

MOST_LINES = 500
MOST_CHARACTERS = 300_000
ALSO_CALLED = {
    "name": "product",
    "product_name": "product",
    "end": "ends_on",
    "ends": "ends_on",
    "end_date": "ends_on",
    "notice": "notice_days",
    "term": "term_months",
    "cost": "yearly_cost",
    "seen_by": "visibility",
    "notes": "note",
}
NO_COLUMNS = (
    "The first line names the columns: product and ends_on, and if you have them notice_days, term_months, cost, "
    "visibility, note."
)


@dataclass(frozen=True)
class ListedContract:
    """A line: to be stored ("new"), "wrong" with sentences, or "double" for one that is there or stands further up."""

    line: int
    draft: ContractDraft
    status: str = "wrong"
    problem: str = ""
    product_id: int = 0
    terms: Terms | None = None


def read_contracts(text: str) -> list[ListedContract]:
    """Every line of a list, none of them judged yet. Raises Invalid for what makes the whole list useless."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(list=f"At most {MOST_CHARACTERS:,} characters at once. Split the list.")
    lines = rows_of(text)
    places = places_of(next(lines, (1, ()))[1], FIELDS, ALSO_CALLED)
    if not {"product", "ends_on"} <= set(places):
        raise Invalid(list=NO_COLUMNS)
    found = [ListedContract(line, _draft(fields_of(cells, places))) for line, cells in lines]
    if not found:
        raise Invalid(list="There is no contract in this list: write one row for each below the names of the columns.")
    if len(found) > MOST_LINES:
        raise Invalid(list=f"At most {MOST_LINES} contracts at once; these are {len(found):,}. Split the list.")
    return found


def _draft(fields: Mapping[str, str]) -> ContractDraft:
    """What is not said is as the form has it."""
    return replace(ContractDraft("", ""), **{name: text for name, text in fields.items() if text})


def judged(
    listed: Sequence[ListedContract], products: Mapping[str, int], kept: Collection[tuple[int, date]]
) -> list[ListedContract]:
    """Each line with what becomes of it.

    products: ids by their names as they are compared; kept: product and last day of what the district has already.
    """
    seen = dict.fromkeys(kept, 0)
    found = []
    for each in listed:
        new = _judged(each, products.get(compared(each.draft.product)), seen)
        if new.status == "new" and new.terms:
            seen[new.product_id, new.terms.ends_on] = new.line
        found.append(new)
    return found


def _judged(each: ListedContract, product_id: int | None, seen: Mapping[tuple[int, date], int]) -> ListedContract:
    problems, terms = [], None
    try:
        terms = each.draft.terms()
    except Invalid as refusal:
        problems = list(refusal.fields.values())
    if product_id is None and 0 < len(each.draft.product) <= 120:
        problems.append(NO_SUCH_PRODUCT.format(each.draft.product))
    if problems or terms is None or product_id is None:
        return replace(each, problem=" ".join(problems))
    line = seen.get((product_id, terms.ends_on))
    if line is not None:
        problem = f"The same contract stands on line {line}." if line else "Your district has this one already."
        return replace(each, status="double", problem=problem)
    return replace(each, status="new", product_id=product_id, terms=terms)

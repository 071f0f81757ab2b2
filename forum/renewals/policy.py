"""Who may see contracts, once in SQL, and who may keep them. Pure: no database, no request."""

from forum.kit.errors import YES, Verdict
from forum.members.types import Actor
from forum.renewals.round_types import Round

# How many districts a number is of at least, so that it tells of none of them.
FEWEST = 3

# For any query with a reader `r`: the district they work for, whoever may see that, NULL for those who have no say.
WORKPLACE = """(CASE WHEN r.role <> 'vendor' THEN coalesce(
    (SELECT x.district_id FROM member_privacy x WHERE x.member_id = r.id), r.district_id
) END)"""

# For any query with a contract `n` and a reader `r`: it is their own district's, or one that others let them see.
OURS = f"(n.district_id = {WORKPLACE}) IS TRUE"
OTHERS = f"""(
    r.id IS NOT NULL AND r.role <> 'vendor' AND NOT ({OURS})
    AND (n.visibility = 'members' OR n.visibility = 'staff' AND r.role = 'admin')
)"""


def may_see_renewals(actor: Actor) -> Verdict:
    """Whether there is a room of contracts for this person at all."""
    if actor.is_guest:
        return Verdict("Sign in to see renewals.")
    return Verdict("Contracts stay among members.") if actor.is_vendor else YES


def may_keep_contracts(actor: Actor, district_id: int | None) -> Verdict:
    """Whether this person adds, changes and removes contracts. district_id: None for somebody without a district."""
    may_see = may_see_renewals(actor)
    if not may_see:
        return may_see
    return YES if district_id else Verdict("Say in your profile which district you work for first.")


def may_answer_round(actor: Actor, found: Round, district_id: int | None) -> Verdict:
    """Whether this person answers a round, as far as it is about them. district_id: None for somebody without one."""
    may_see = may_see_renewals(actor)
    if not may_see:
        return may_see
    if found.is_closed:
        return Verdict("This round is closed.")
    if found.is_ours:
        return Verdict("Your district asks; others answer.")
    return YES if district_id else Verdict("Say in your profile which district you work for first.")


def may_run_round(actor: Actor, found: Round) -> Verdict:
    """Whether this person closes a round before its day: the people of the district that asks."""
    if actor.is_guest or not found.is_ours:
        return Verdict("The district that asks closes it.")
    return Verdict("This round is closed.") if found.is_closed else YES


def may_decide(actor: Actor, found: Round) -> Verdict:
    """Whether this person records what was chosen."""
    if actor.is_guest or not found.is_ours:
        return Verdict("The district that asked says what it chose.")
    return YES if found.is_closed else Verdict("Close the round first: then say what you chose.")


def may_judge(actor: Actor, found: Round) -> Verdict:
    """Whether this person says, a year later, if the decision was right."""
    if actor.is_guest or not found.is_ours:
        return Verdict("The district that decided says whether it was right.")
    return YES if found.decision else Verdict("Say what you chose first.")

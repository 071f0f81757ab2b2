"""HTTP of the rules about mail domains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.districts.queries import districts
from forum.districts.queries import domains as all_domains
from forum.districts.queries import rules as all_rules
from forum.districts.types import RULES, District, DistrictDomain, DomainRule
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, redirect, render
from forum.members import domains
from forum.members.policy import require_admin
from forum.members.types import Actor


@dataclass(frozen=True)
class DomainsPage:
    """Which mail domains join which district, and which are blocked or vendors'."""

    actor: Actor
    domains: Sequence[DistrictDomain]
    rules: Sequence[DomainRule]
    districts: Sequence[District]
    kinds: Mapping[str, str]
    domain: str
    problems: Mapping[str, str]


async def show(request: Request) -> Response:
    """The rules."""
    return await _show(request, "", {}, 200)


async def change(request: Request) -> Response:
    """Add or remove one."""
    require_admin(request.state.actor)
    form = await form_of(request, "act", "kind", "domain", "district_id")
    try:
        await _change(request, form)
    except Invalid as problem:
        wrong = {"domain" if name == "domains" else name: text for name, text in problem.fields.items()}
        return await _show(request, form.get("domain", ""), wrong, 422)
    return redirect("/admin/domains?notice=domain")


async def _change(request: Request, form: Form) -> None:
    db, actor, domain = db_of(request), request.state.actor, form.get("domain", "")
    district_id = form.whole("district_id") or 0
    act = form.one_of("act", ("add", "remove", "rule", "unrule"))
    if act == "add":
        await domains.add_domain(db, actor, district_id, domain)
    elif act == "remove":
        await domains.remove_domain(db, actor, district_id, domain)
    elif act == "rule":
        await domains.add_rule(db, actor, form.get("kind", ""), domain)
    else:
        await domains.remove_rule(db, actor, domain)


async def _show(request: Request, domain: str, problems: Mapping[str, str], status: int) -> Response:
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    page = DomainsPage(actor, await all_domains(db), await all_rules(db), await districts(db), RULES, domain, problems)
    return render(request, "members/domains.html", page, status)


routes = [Route("/admin/domains", show), Route("/admin/domains", change, methods=["POST"])]

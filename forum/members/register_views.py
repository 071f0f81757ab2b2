"""HTTP of the register: every member with role, groups and addresses, and the groups; for administrators."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, query_int, redirect, render
from forum.members import roles, staff_queries
from forum.members.policy import require_admin
from forum.members.staff_types import BIGGEST, STATES, Group, GroupMember, MemberRow, MemberSought
from forum.members.types import ROLE_NAMES, ROLES, Actor

ANY = ("", "Any")
BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class RegisterPage:
    """Members, newest first, those sought; `older` leads to the next page, "" where there is none."""

    actor: Actor
    members: Sequence[MemberRow]
    sought: MemberSought
    roles: Sequence[tuple[str, str]]
    states: Sequence[tuple[str, str]]
    older: str


@dataclass(frozen=True)
class MemberPage:
    """One member: their role, and the groups they are in."""

    actor: Actor
    member: MemberRow
    roles: Sequence[tuple[str, str]]
    groups: Sequence[Group]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class GroupsPage:
    """Every group, and the form for one more."""

    actor: Actor
    groups: Sequence[Group]
    slug: str
    name: str
    problems: Mapping[str, str]


@dataclass(frozen=True)
class GroupPage:
    """A group with a page of its members."""

    actor: Actor
    group: Group
    members: Sequence[GroupMember]
    handles: str
    older: str
    problems: Mapping[str, str]


async def register(request: Request) -> Response:
    """All members, or those one looks for."""
    actor, query = request.state.actor, request.query_params
    require_admin(actor)
    sought = MemberSought(
        words=query.get("words", "").strip()[:120],
        role=query.get("role", "") if query.get("role") in ROLES else "",
        state=query.get("state", "") if query.get("state") in STATES else "",
        before=query_int(request, "before") or BIGGEST,
    )
    found = await staff_queries.members(db_of(request), sought)
    shown = found[: staff_queries.MEMBERS_A_PAGE]
    older = sought.path(shown[-1].id) if len(found) > len(shown) else ""
    page = RegisterPage(actor, shown, sought, [ANY, *ROLE_NAMES.items()], [ANY, *STATES.items()], older)
    return render(request, "members/register.html", page)


async def member(request: Request) -> Response:
    """One member as administrators see them."""
    require_admin(request.state.actor)
    return await _member(request, {}, 200)


async def change_role(request: Request) -> Response:
    """Give them another role; they hear of it by mail."""
    require_admin(request.state.actor)
    member_id = path_id(request, "member_id")
    role = (await form_of(request, "role")).get("role", "")
    try:
        await roles.change_role(db_of(request), request.state.actor, member_id, role)
    except Invalid as problem:
        return await _member(request, problem.fields, 422)
    return redirect(f"/admin/people/{member_id}?notice=role")


async def groups(request: Request) -> Response:
    """Every group."""
    require_admin(request.state.actor)
    return await _groups(request, "", "", {}, 200)


async def add_group(request: Request) -> Response:
    """One more."""
    require_admin(request.state.actor)
    form = await form_of(request, "slug", "name")
    slug, name = form.get("slug", "").strip(), form.get("name", "").strip()
    try:
        group_id = await roles.add_group(db_of(request), request.state.actor, slug, name)
    except Invalid as problem:
        return await _groups(request, slug, name, problem.fields, 422)
    return redirect(f"/admin/groups/{group_id}?notice=group")


async def group(request: Request) -> Response:
    """Who is in it."""
    require_admin(request.state.actor)
    return await _group(request, "", {}, 200)


async def add_people(request: Request) -> Response:
    """Put more members into it."""
    require_admin(request.state.actor)
    group_id, handles = path_id(request, "group_id"), (await form_of(request, "handles")).get("handles", "")
    try:
        await roles.add_people(db_of(request), request.state.actor, group_id, BETWEEN.split(handles))
    except Invalid as problem:
        return await _group(request, handles, problem.fields, 422)
    return redirect(f"/admin/groups/{group_id}?notice=group")


async def remove_from_group(request: Request) -> Response:
    """Take somebody out of it."""
    require_admin(request.state.actor)
    await form_of(request)
    group_id, member_id = path_id(request, "group_id"), path_id(request, "member_id")
    await roles.remove_from_group(db_of(request), request.state.actor, group_id, member_id)
    return redirect(f"/admin/groups/{group_id}?notice=group")


async def _member(request: Request, problems: Mapping[str, str], status: int) -> Response:
    member_id, db = path_id(request, "member_id"), db_of(request)
    page = MemberPage(
        actor=request.state.actor,
        member=await staff_queries.member(db, member_id),
        roles=list(ROLES.items()),
        groups=await staff_queries.groups_of(db, member_id),
        problems=problems,
    )
    return render(request, "members/member.html", page, status)


async def _groups(request: Request, slug: str, name: str, problems: Mapping[str, str], status: int) -> Response:
    page = GroupsPage(request.state.actor, await staff_queries.groups(db_of(request)), slug, name, problems)
    return render(request, "members/groups.html", page, status)


async def _group(request: Request, handles: str, problems: Mapping[str, str], status: int) -> Response:
    db, group_id = db_of(request), path_id(request, "group_id")
    found = await staff_queries.group(db, group_id)
    members = await staff_queries.group_members(db, group_id, after=request.query_params.get("after", ""))
    shown = members[: staff_queries.MEMBERS_A_PAGE]
    older = f"{found.path}?after={shown[-1].handle}" if len(members) > len(shown) else ""
    page = GroupPage(request.state.actor, found, shown, handles, older, problems)
    return render(request, "members/group.html", page, status)


routes = [
    Route("/admin/people", register),
    Route("/admin/people/{member_id:int}", member),
    Route("/admin/people/{member_id:int}/role", change_role, methods=["POST"]),
    Route("/admin/groups", groups),
    Route("/admin/groups", add_group, methods=["POST"]),
    Route("/admin/groups/{group_id:int}", group),
    Route("/admin/groups/{group_id:int}", add_people, methods=["POST"]),
    Route("/admin/groups/{group_id:int}/people/{member_id:int}/remove", remove_from_group, methods=["POST"]),
]

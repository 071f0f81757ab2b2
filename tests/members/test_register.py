"""The administrators' register: who is here, with which role, in which groups."""

import asyncio

import pytest

from forum.kit.db import rows, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries, roles, staff_queries
from forum.members.staff_types import MemberSought
from tests.factories import a_group, a_member, an_admin, sign_in_as


@pytest.fixture
async def admin(db, web):
    return await sign_in_as(web, db, await an_admin(db))


async def acts(db):
    return [row["act"] for row in await rows(db, "SELECT e.act FROM audit_entry e ORDER BY e.id")]


async def test_members_are_found_by_name_handle_and_address(db):
    ann = await a_member(db, name="Ann Archer", address="first@pine.example")
    await a_member(db)

    for words in ("archer", ann.handle, "FIRST@pine"):
        assert [row.id for row in await staff_queries.members(db, MemberSought(words))] == [ann.id]
    assert await staff_queries.members(db, MemberSought("%")) == []
    assert [row.id for row in await staff_queries.members(db, MemberSought(role="member"))][-1] == ann.id
    assert await staff_queries.members(db, MemberSought(state="suspended")) == []


async def test_a_role_is_changed_once_and_they_are_told(db, drain, tools, admin):
    ann = await a_member(db, address="ann@pine.example")

    await asyncio.gather(*(roles.change_role(db, admin, ann.id, "vendor") for _ in range(5)))
    await drain()

    assert (await queries.actor(db, ann.id)).is_vendor
    assert [mail.to for mail in tools.mailer.sent] == ["ann@pine.example"]


async def test_the_last_administrator_stays_one(db, web, admin):
    answer = await web.post(f"/admin/people/{admin.id}/role", data={"role": "member"})

    assert (answer.status_code, "last administrator" in answer.text) == (422, True)
    assert (await queries.actor(db, admin.id)).is_admin


async def test_only_administrators_change_roles_and_groups(db):
    ann, group = await a_member(db), await a_group(db)
    for act in (
        roles.change_role(db, ann, ann.id, "admin"),
        roles.add_group(db, ann, "west", "West"),
        roles.add_people(db, ann, group, [ann.handle]),
        roles.remove_from_group(db, ann, group, ann.id),
    ):
        with pytest.raises(Forbidden):
            await act
    assert await acts(db) == []


async def test_members_go_into_a_group_once_and_out_of_it_once(db, admin):
    ann, ben, group = await a_member(db), await a_member(db), await a_group(db)

    for _ in range(2):
        await roles.add_people(db, admin, group, [f"@{ann.handle}", ben.handle.upper(), "", ann.handle])
    assert [each.id for each in await staff_queries.group_members(db, group)] == sorted([ann.id, ben.id])
    assert (await queries.actor(db, ann.id)).groups == {group}
    await asyncio.gather(*(roles.remove_from_group(db, admin, group, ann.id) for _ in range(4)))

    assert [each.id for each in await staff_queries.group_members(db, group)] == [ben.id]
    assert (await acts(db)).count("group.joined") == 2
    assert (await acts(db)).count("group.left") == 1


async def test_one_unknown_handle_puts_nobody_in(db, admin):
    ann, group = await a_member(db), await a_group(db)
    for handles in ([ann.handle, "nobody.here"], [], ["@", " "], [f"p{n}" for n in range(101)]):
        with pytest.raises(Invalid) as refusal:
            await roles.add_people(db, admin, group, handles)
        assert set(refusal.value.fields) == {"handles"}
    with pytest.raises(NotFound):
        await roles.add_people(db, admin, 999_999_999, [ann.handle])
    assert await value(db, "SELECT count(*) FROM group_member") == 0


async def test_a_group_is_made_once(db, admin):
    came = await asyncio.gather(*(roles.add_group(db, admin, "west", "West") for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(each, int) for each in came) == 1
    for slug, name, field in (("West!", "West", "slug"), ("east", " ", "name")):
        with pytest.raises(Invalid) as refusal:
            await roles.add_group(db, admin, slug, name)
        assert set(refusal.value.fields) == {field}


async def test_the_pages_lead_from_a_member_to_groups_and_back(db, web, admin):
    ann = await a_member(db, name="Ann Archer", address="ann@pine.example")
    made = await web.post("/admin/groups", data={"slug": "west", "name": "West region"})
    group = made.headers["location"].partition("?")[0]

    refused = await web.post(group, data={"handles": f"{ann.handle}, ghost"})
    assert (refused.status_code, f"{ann.handle}, ghost" in refused.text) == (422, True)
    assert (await web.post(group, data={"handles": ann.handle})).status_code == 303
    page = (await web.get(f"/admin/people/{ann.id}")).text
    assert ("West region" in page, "ann@pine.example" in page) == (True, True)
    assert "Ann Archer" in (await web.get("/admin/people?words=ann@pine")).text
    assert "Ann Archer" in (await web.get(group)).text
    assert f"/admin/people/{ann.id}" in (await web.get(f"/people/{ann.handle}")).text
    assert (await web.post(f"{group}/people/{ann.id}/remove")).status_code == 303
    assert "Nobody is in it" in (await web.get(group)).text
    assert (await web.post(f"/admin/people/{ann.id}/role", data={"role": "vendor"})).status_code == 303
    assert (await web.get("/admin/people?role=nonsense&before=x")).status_code == 200


async def test_many_members_come_in_pages(db, web, admin):
    for _ in range(51):
        await a_member(db)
    first = await web.get("/admin/people")
    assert "More members" in first.text
    assert "before=" in first.text


@pytest.mark.parametrize("path", ["/admin/people", "/admin/people/1", "/admin/groups", "/admin/groups/1"])
async def test_they_are_not_there_for_anybody_else(db, web, path):
    await sign_in_as(web, db, await a_member(db))

    assert (await web.get(path)).status_code == 404

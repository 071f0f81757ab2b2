"""`forum admin`: who administers, categories, groups, moderators and districts, for a site that begins."""

from typing import TYPE_CHECKING, Annotated

import typer

from forum.cli_site import Refused, with_database

if TYPE_CHECKING:
    from forum.kit.db import Database

NOBODY = "Nobody here has the address {}. Make the member first: forum admin create NAME ADDRESS"
admin = typer.Typer(help="Make administrators; the first one of a site is made here.", no_args_is_help=True)


@admin.command()
def create(
    name: Annotated[str, typer.Argument(help="Real name, as in 'Maya Okafor'.")],
    address: Annotated[str, typer.Argument(help="Email address they sign in with.")],
) -> None:
    """Make a new member who is an administrator: the first of a site, or one more."""
    from forum.members.joining import add_member
    from forum.members.types import JoinDraft

    async def add(db: "Database") -> int:
        JoinDraft(name, "").check()
        return await add_member(db, name, role="admin", address=address)

    with_database(add)
    print(f"{name} is an administrator and signs in with {address}.")


@admin.command()
def grant(
    address: Annotated[str, typer.Argument(help="Email address of somebody who is a member.")],
    role: Annotated[str, typer.Argument(help="admin, member or vendor.")] = "admin",
) -> None:
    """Give a member a role."""
    from forum.kit.errors import NotFound
    from forum.members.address import canonical
    from forum.members.profile import grant as give

    if role not in ("admin", "member", "vendor"):
        raise Refused("A role is admin, member or vendor.")

    async def give_role(db: "Database") -> None:
        try:
            await give(db, canonical(address), role)
        except NotFound:
            raise Refused(NOBODY.format(address)) from None

    with_database(give_role)
    print(f"{address} is {role} now.")


@admin.command()
def add_category(
    slug: Annotated[str, typer.Argument(help="Its address: help is /c/help.")],
    name: Annotated[str, typer.Argument(help="What members read, as in 'Help & how-to'.")],
    description: Annotated[str, typer.Option(help="One sentence: what belongs here.")] = "",
    parent: Annotated[str | None, typer.Option(help="Slug of the category it stands below.")] = None,
    colour: Annotated[str, typer.Option(help="The dot beside its name.")] = "#49606b",
    kind: Annotated[str, typer.Option(help="What is started here: question, discussion …")] = "question",
    template: Annotated[str, typer.Option(help="What a new thread's text begins with.")] = "",
    read: Annotated[str, typer.Option(help="Who may read: everyone, members, staff or groups.")] = "members",
    reply: Annotated[str, typer.Option(help="Who may reply: members, staff, groups or readers.")] = "readers",
    start: Annotated[str, typer.Option(help="Who may start threads, likewise.")] = "readers",
    group: Annotated[list[str] | None, typer.Option(help="A group that may, where groups may; repeat it.")] = None,
    vendors: Annotated[bool, typer.Option(help="Whether vendors are let in.")] = False,
) -> None:
    """Add a category; a site needs one before anybody can ask."""
    from forum.categories.commands import add_category as add
    from forum.categories.types import CategoryDraft
    from forum.members.queries import group_ids

    if "groups" in (read, reply, start) and not group:
        raise Refused("Say which groups: --group SLUG. They are made by: forum admin add-group SLUG NAME")

    async def add_checked(db: "Database") -> int:
        draft = CategoryDraft(
            slug=slug,
            name=name,
            description=description,
            colour=colour,
            parent=parent,
            default_kind=kind,
            ask_template=template,
            read_by=read,
            reply_by=reply,
            start_by=start,
            lets_vendors_in=vendors,
            groups=await group_ids(db, group or ()),
        )
        return await add(db, draft)

    with_database(add_checked)
    print(f"{name} is at /c/{slug}.")


@admin.command()
def add_group(
    slug: Annotated[str, typer.Argument(help="A short name, as categories are told it: west-region.")],
    name: Annotated[str, typer.Argument(help="What people call it, as in 'West region'.")],
    member: Annotated[list[str] | None, typer.Option(help="Email address of a member; repeat it.")] = None,
) -> None:
    """Make a group of members, or put more members into it."""
    from forum.members.profile import add_to_group

    async def add(db: "Database") -> int:
        return await add_to_group(db, slug, name, [await _member(db, address) for address in member or ()])

    with_database(add)
    print(f"The group {slug} is there.")


@admin.command()
def add_moderator(
    category: Annotated[str, typer.Argument(help="Slug of the category.")],
    address: Annotated[str, typer.Argument(help="Email address of the member.")],
) -> None:
    """Make a member staff in one category."""
    from forum.categories.commands import add_moderator as add

    async def add_named(db: "Database") -> None:
        await add(db, category, await _member(db, address))

    with_database(add_named)
    print(f"{address} moderates /c/{category}.")


@admin.command()
def reset_keys(address: Annotated[str, typer.Argument(help="Email address of somebody who lost their keys.")]) -> None:
    """Remove a member's passkeys, codes and recovery codes, and sign them out everywhere; they hear of it."""
    from forum.identities.confirm import reset_second_factors
    from forum.kit.errors import Forbidden

    async def reset(db: "Database") -> None:
        try:
            await reset_second_factors(db, None, await _member(db, address))
        except Forbidden as refusal:
            raise Refused(refusal.reason) from None

    with_database(reset)
    print(f"{address} has no second factor anymore, and is signed out everywhere.")


async def _member(db: "Database", address: str) -> int:
    """The member with that address. Raises Refused, Invalid."""
    from forum.members.address import canonical
    from forum.members.queries import member_of_address

    member_id = await member_of_address(db, canonical(address))
    if member_id is None:
        raise Refused(NOBODY.format(address))
    return member_id


@admin.command()
def add_district(
    name: Annotated[str, typer.Argument(help="As in 'Pine County Schools'.")],
    domain: Annotated[list[str] | None, typer.Option(help="An email domain whose people may join; repeat it.")] = None,
    state: Annotated[str, typer.Option(help="The state it is in.")] = "",
    enrolment: Annotated[int | None, typer.Option(min=0, help="How many students it has.")] = None,
    locale: Annotated[str, typer.Option(help="What kind of place: city, suburb, town or rural.")] = "",
    time_zone: Annotated[str, typer.Option(help="Where its days begin and end, as America/Chicago.")] = "",
) -> None:
    """Add a district; whoever has an address in its email domains may join by themselves."""
    from forum.districts.commands import add_district as add

    async def add_named(db: "Database") -> int:
        return await add(
            db,
            name,
            state=state,
            enrolment=enrolment,
            domains=domain or (),
            locale=locale,
            time_zone=time_zone,
        )

    with_database(add_named)
    print(f"{name} is there{', with ' + ', '.join(domain) if domain else ''}.")

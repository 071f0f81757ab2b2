"""`forum digest`: what stands in digests, for whoever runs the site."""

from typing import TYPE_CHECKING, Annotated

import typer

from forum.cli_site import Refused, with_tools

if TYPE_CHECKING:
    from forum.kit.tools import Tools

digest = typer.Typer(help="Look into digests before they go out.", no_args_is_help=True)


@digest.callback()
def _group() -> None:
    """Keeps `forum digest preview` in two words while there is one verb only."""


@digest.command()
def preview(
    member: Annotated[str, typer.Argument(help="Handle or email address of a member.")],
) -> None:
    """Print a member's digest as it would be now, as plain text; nothing is sent, and nothing is changed."""
    from forum.mail.digests.previewing import preview_text, why_none
    from forum.members.queries import member_called, zone

    async def look(tools: "Tools") -> str:
        member_id = await member_called(tools.db, member)
        if member_id is None:
            raise Refused(f"Nobody here is called {member}, or has that address.")
        own_zone = await zone(tools.db, member_id, tools.settings.time_zone)
        text = await preview_text(tools, member_id, own_zone)
        told = text or "There is nothing to tell, so no email would be sent.\n"
        why = await why_none(tools.db, member_id, own_zone)
        return f"To them: {why}\n\n{told}" if why else told

    print(with_tools(look), end="")

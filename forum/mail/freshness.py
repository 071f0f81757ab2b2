"""What mails become that are sent together: made at once, and anew while they wait long for the relay, so that nothing
leaves that nobody has asked rights and wishes about in the last few seconds.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import structlog

from forum.kit.log import outline
from forum.kit.tools import Tools
from forum.mail.suppressing import suppressed
from forum.mail.types import SUPPRESSED, Claimed, Ready, Rendered, Renderer, Unwanted

FRESH_S = 5.0
Clock: TypeAlias = Callable[[], float]

log = structlog.get_logger()


class Batch:
    """Mails that one worker has claimed. renderers: by kind of mail; clock: in seconds."""

    def __init__(self, tools: Tools, renderers: Mapping[str, Renderer], mails: Sequence[Claimed], clock: Clock) -> None:
        self.mails = mails
        self._tools, self._renderers, self._clock = tools, renderers, clock
        self._left = {mail.id: mail for mail in mails}
        self._made: dict[int, Ready | Unwanted] = {}
        self._made_at = clock()
        self._turn = asyncio.Lock()

    async def make(self) -> None:
        """Make all that have not left; what cannot be made is not there afterwards."""
        by_kind: dict[str, list[Claimed]] = defaultdict(list)
        for mail in self._left.values():
            by_kind[mail.kind].append(mail)
        made: dict[int, Ready | Unwanted] = {}
        for kind in by_kind.keys() & self._renderers.keys():  # a newer worker beside this one may know more
            made |= await _render(self._tools, self._renderers[kind], by_kind[kind])
        ready = [each.recipient for each in made.values() if isinstance(each, Ready)]
        banned = await suppressed(self._tools.db, ready)
        self._made = {
            mail_id: Unwanted(SUPPRESSED) if isinstance(each, Ready) and each.recipient in banned else each
            for mail_id, each in made.items()
        }
        self._made_at = self._clock()

    def made(self, mail: Claimed) -> Ready | Unwanted | None:
        """What it has become; None where it could not be made."""
        return self._made.get(mail.id)

    def keep(self, mails: Sequence[Claimed]) -> None:
        """Only these are to be sent."""
        self._left = {mail.id: mail for mail in mails}

    async def fresh(self, mail: Claimed) -> Ready | Unwanted | None:
        """What it is now that it leaves: made less than FRESH_S ago, or anew, with all that wait like it.

        However slow the relay is, each that gets its turn goes.
        """
        async with self._turn:
            if self._clock() - self._made_at >= FRESH_S:
                await self.make()
        self.drop(mail)
        return self.made(mail)

    def drop(self, mail: Claimed) -> None:
        """It has left, or does not leave now: it is not made again."""
        self._left.pop(mail.id, None)


async def _render(tools: Tools, render: Renderer, mails: Sequence[Claimed]) -> Rendered:
    """What each has become; when that fails for many at once, those that can be made are made one by one."""
    try:
        return await render(tools, mails)
    except Exception as error:
        log.warning("mails not made", mails=[mail.id for mail in mails], error=outline(error))
        if len(mails) == 1:
            return {}
    made: dict[int, Ready | Unwanted] = {}
    for mail in mails:
        made |= await _render(tools, render, [mail])
    return made

"""Sends what is due: many at once, each known by the queue before its words go and after they were answered."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from weakref import WeakKeyDictionary

import structlog

from forum.kit.db import Database
from forum.kit.errors import Unavailable
from forum.kit.log import outline
from forum.kit.mailer import Mailer
from forum.kit.relay import Answer, Asked
from forum.kit.tools import Tools
from forum.mail import queueing, suppressing
from forum.mail.types import SUPPRESSED, Claimed, Ready, Rendered, Renderer, Unwanted
from forum.members.address import domain_of

MOST_AT_ONCE = 200  # a batch of digests costs as much again as a hundred of them
AWAY_S = 60.0
GOODBYE_S = 5.0
PAUSES_S = (0.2, 1.0, 5.0)  # what a mail has become is not forgotten while the database starts anew
NOT_MADE = "It could not be made; the log says why."

log = structlog.get_logger()
_turns: WeakKeyDictionary[Database, asyncio.Lock] = WeakKeyDictionary()


async def deliver(tools: Tools, renderers: Mapping[str, Renderer]) -> None:
    """Send everything that is due now, then return; who comes meanwhile, in this process, waits for nothing.

    renderers: by kind of mail. May run in any number of processes at once, and end anywhere.
    """
    turn = _turns.setdefault(tools.db, asyncio.Lock())
    if turn.locked():
        return
    async with turn:
        await queueing.recover(tools.db)
        while (room := tools.mailer.room()) != 0:
            most = MOST_AT_ONCE if room is None else room
            found = await queueing.claim(tools.db, domain=tools.settings.mailing_domain, most=most)
            if not found:
                return
            await _deliver(tools, found, renderers)


async def _deliver(tools: Tools, claimed: Sequence[Claimed], renderers: Mapping[str, Renderer]) -> None:
    found = await _whose_turn_it_is(tools, claimed)
    by_kind: dict[str, list[Claimed]] = defaultdict(list)
    for mail in found:
        by_kind[mail.kind].append(mail)
    rendered: dict[int, Ready | Unwanted] = {}
    for kind, mails in by_kind.items():
        rendered |= await _render(tools, renderers[kind], mails)
    banned = await suppressing.suppressed(
        tools.db, [each.recipient for each in rendered.values() if isinstance(each, Ready)]
    )
    sending = []
    for mail in found:
        made = rendered.get(mail.id)
        if isinstance(made, Ready) and made.recipient in banned:
            made = Unwanted(SUPPRESSED)
        if isinstance(made, Ready):
            sending.append((mail, made))
        elif isinstance(made, Unwanted):
            await queueing.mark_unwanted(tools.db, mail, made.outcome)
        else:
            await queueing.postpone(tools.db, mail, NOT_MADE)
    await _send_all(tools, sending)


async def _whose_turn_it_is(tools: Tools, claimed: Sequence[Claimed]) -> Sequence[Claimed]:
    """Those of them whose domain takes mails now, as far as it is known: the others need not be made yet."""
    held: dict[str, list[Claimed]] = defaultdict(list)
    for mail in claimed:
        if mail.domain and tools.mailer.pause(mail.domain):
            held[mail.domain].append(mail)
    for domain, mails in held.items():
        await queueing.put_back(tools.db, mails, tools.mailer.pause(domain), domain)
    return [mail for mail in claimed if mail.domain not in held]


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


async def _send_all(tools: Tools, sending: Iterable[tuple[Claimed, Ready]]) -> None:
    held: dict[str, list[Claimed]] = defaultdict(list)
    waits: dict[str, float] = {}
    going = []
    for mail, ready in sending:
        domain = domain_of(ready.recipient)
        wait = waits.get(domain) or tools.mailer.wait(domain)
        if wait:
            waits[domain] = wait
            held[domain].append(mail)
        else:
            going.append((mail, ready))
    for domain, mails in held.items():
        await queueing.put_back(tools.db, mails, waits[domain], domain)
    sends = [_send(tools.db, tools.mailer, mail, ready) for mail, ready in going]
    for outcome in await asyncio.gather(*sends, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _send(db: Database, mailer: Mailer, mail: Claimed, ready: Ready) -> None:
    """Whoever stops the worker lets a mail whose words are under way arrive and be noted, for a few seconds."""
    begun = asyncio.Event()

    async def ask() -> bool:
        begun.set()
        return await queueing.mark_sending(db, mail, domain_of(ready.recipient))

    task = asyncio.ensure_future(_hand_over(db, mailer, mail, ready, ask))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        if begun.is_set():
            await asyncio.wait([task], timeout=GOODBYE_S)
        task.cancel()
        raise


async def _hand_over(db: Database, mailer: Mailer, mail: Claimed, ready: Ready, ask: Asked) -> None:
    answer = await mailer.hand_over(ready.recipient, ready.message, ask)
    for pause in PAUSES_S:
        with suppress(Unavailable):
            await _note(db, mail, ready.recipient, answer)
            return
        await asyncio.sleep(pause)
    await _note(db, mail, ready.recipient, answer)


async def _note(db: Database, mail: Claimed, recipient: str, answer: Answer) -> None:
    domain = domain_of(recipient)
    match answer.outcome:
        case "taken":
            await queueing.mark_sent(db, mail)
        case "unknown":
            await queueing.mark_unsure(db, mail)
        case "refused":
            await queueing.mark_failed(db, mail, answer.text, domain)
            if answer.is_nobody:
                await suppressing.suppress(db, recipient, "refused")
        case "later" if answer.step in ("connect", "login"):  # that says nothing about the mail
            await queueing.put_back(db, [mail], AWAY_S, domain, answer.text)
        case "later":
            await queueing.postpone(db, mail, answer.text, domain)

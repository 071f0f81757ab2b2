"""Sends what is due: many at once, each known by the queue before its words go and after they were answered."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from weakref import WeakKeyDictionary

from forum.kit.db import Database
from forum.kit.errors import Crossed, Unavailable
from forum.kit.mailer import Mailer
from forum.kit.relay import Answer, Words
from forum.kit.tools import Tools
from forum.mail import queueing, suppressing
from forum.mail.freshness import Batch, Clock
from forum.mail.types import Claimed, Ready, Renderer, Unwanted
from forum.members.address import domain_of

MOST_AT_ONCE = 200  # a batch of digests costs as much again as a hundred of them
AWAY_S = 60.0
GOODBYE_S = 5.0
PAUSES_S = (0.2, 1.0, 5.0)  # what a mail has become is not forgotten while the database starts anew
NOT_MADE = "It could not be made; the log says why."

_turns: WeakKeyDictionary[Database, asyncio.Lock] = WeakKeyDictionary()


async def deliver(tools: Tools, renderers: Mapping[str, Renderer], clock: Clock = time.monotonic) -> None:
    """Send everything that is due now, then return; who comes meanwhile, in this process, waits for nothing.

    renderers: by kind of mail. clock: in seconds. May run in any number of processes at once, and end anywhere.
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
            await _deliver(tools, found, renderers, clock)


async def _deliver(tools: Tools, claimed: Sequence[Claimed], renderers: Mapping[str, Renderer], clock: Clock) -> None:
    batch = Batch(tools, renderers, await _whose_turn_it_is(tools, claimed), clock)
    await batch.make()
    sending = []
    for mail in batch.mails:
        made = batch.made(mail)
        if isinstance(made, Ready):
            sending.append((mail, made.recipient))
        else:
            await _note_unmade(tools.db, mail, made)
    await _send_all(tools, batch, sending)


async def _note_unmade(db: Database, mail: Claimed, made: Unwanted | None) -> None:
    if made is None:
        await queueing.postpone(db, mail, NOT_MADE)
    else:
        await queueing.mark_unwanted(db, mail, made.outcome)


async def _whose_turn_it_is(tools: Tools, claimed: Sequence[Claimed]) -> Sequence[Claimed]:
    """Those of them whose domain takes mails now, as far as it is known: the others need not be made yet."""
    held: dict[str, list[Claimed]] = defaultdict(list)
    for mail in claimed:
        if mail.domain and tools.mailer.pause(mail.domain):
            held[mail.domain].append(mail)
    for domain, mails in held.items():
        await queueing.put_back(tools.db, mails, tools.mailer.pause(domain), domain)
    return [mail for mail in claimed if mail.domain not in held]


async def _send_all(tools: Tools, batch: Batch, sending: Iterable[tuple[Claimed, str]]) -> None:
    held: dict[str, list[Claimed]] = defaultdict(list)
    waits: dict[str, float] = {}
    going = []
    for mail, recipient in sending:
        domain = domain_of(recipient)
        wait = waits.get(domain) or tools.mailer.wait(domain)
        if wait:
            waits[domain] = wait
            held[domain].append(mail)
        else:
            going.append((mail, recipient))
    for domain, mails in held.items():
        await queueing.put_back(tools.db, mails, waits[domain], domain)
    batch.keep([mail for mail, _ in going])
    sends = [_send(tools.db, tools.mailer, batch, mail, recipient) for mail, recipient in going]
    for outcome in await asyncio.gather(*sends, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _send(db: Database, mailer: Mailer, batch: Batch, mail: Claimed, recipient: str) -> None:
    """Whoever stops the worker lets a mail whose words are under way arrive and be noted, for a few seconds."""
    begun = asyncio.Event()

    async def words() -> bytes | None:
        made = await batch.fresh(mail)
        if not isinstance(made, Ready):
            await _note_unmade(db, mail, made)
            return None
        if made.recipient != recipient:
            await queueing.put_back(db, [mail], 0.0, domain_of(made.recipient))
            return None
        begun.set()
        return made.message if await queueing.mark_sending(db, mail, domain_of(recipient)) else None

    task = asyncio.ensure_future(_hand_over(db, mailer, batch, mail, recipient, words))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        if begun.is_set():
            await asyncio.wait([task], timeout=GOODBYE_S)
        task.cancel()
        raise


async def _hand_over(db: Database, mailer: Mailer, batch: Batch, mail: Claimed, recipient: str, words: Words) -> None:
    answer = await mailer.hand_over(recipient, words)
    batch.drop(mail)
    for pause in PAUSES_S:
        with suppress(Crossed, Unavailable):
            await _note(db, mail, recipient, answer)
            return
        await asyncio.sleep(pause)
    await _note(db, mail, recipient, answer)


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

"""Whether the sender's domain says that mails of ours are genuine: SPF (RFC 7208), DKIM (6376) and DMARC (9989)."""

import asyncio
import re
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass

from forum.kit.dkim import Signer, signers_for
from forum.kit.dns import Dns, NoAnswer
from forum.kit.settings import Settings, is_loopback

SILENT = "The name servers did not answer. Try again in a minute."
SPF = "v=spf1 include:… -all"
DMARC = "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"


@dataclass(frozen=True)
class Check:
    """What was found about one of the three. name, record: what to put into DNS where something is missing, else ""."""

    title: str
    is_good: bool
    text: str
    name: str = ""
    record: str = ""


async def check_domain(settings: Settings, dns: Dns) -> list[Check]:
    """What the domain says that mails are sent from, of DKIM for each key; nothing for one only this machine knows."""
    domain = settings.sender_domain
    if is_loopback(domain) or "." not in domain:
        return []
    return list(await asyncio.gather(_spf(domain, dns), *_dkims(settings, dns), _dmarc(domain, dns)))


async def _spf(domain: str, dns: Dns) -> Check:
    try:
        found = [text for text in await dns.texts(domain) if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]
    except NoAnswer:
        return Check("SPF", False, SILENT)
    if not found:
        text = "The domain does not say who may send for it. Add this to DNS; whoever runs your relay knows what … is."
        return Check("SPF", False, text, domain, SPF)
    if len(found) > 1:
        return Check("SPF", False, "There are several records, so mail servers ignore them all. Merge them into one.")
    end = found[0].split()[-1].lower()
    if end in ("+all", "all", "?all"):
        return Check("SPF", False, "It lets anybody send for the domain. End it with -all or ~all.")
    return Check("SPF", True, f"{found[0]}")


async def _dkim(signer: Signer, title: str, dns: Dns) -> Check:
    name, record = f"{signer.selector}._domainkey.{signer.domain}", signer.record
    try:
        found = await dns.texts(name)
    except NoAnswer:
        return Check(title, False, SILENT)
    if not found:
        return Check(title, False, "Emails are signed, but the key is not in DNS. Add this record.", name, record)
    if _tag(record, "p") not in {_tag(text, "p") for text in found}:
        return Check(title, False, "Emails are signed, but DNS has another key. Use this record.", name, record)
    return Check(title, True, f"Emails are signed, and {name} has the key.")


async def _unsigned() -> Check:
    return Check("DKIM", False, "Emails are not signed here. Set FORUM_DKIM_KEY, unless your relay signs them.")


def _dkims(settings: Settings, dns: Dns) -> list[Coroutine[None, None, Check]]:
    """A check of each key."""
    signers = signers_for(settings.sender_domain, settings.dkim_keys)
    if not signers:
        return [_unsigned()]
    titles = ["DKIM" if len(signers) == 1 else f"DKIM, {signer.selector}" for signer in signers]
    return [_dkim(signer, title, dns) for signer, title in zip(signers, titles, strict=True)]


async def _dmarc(domain: str, dns: Dns) -> Check:
    try:
        for name in _and_above(domain):
            found = [text for text in await dns.texts(f"_dmarc.{name}") if text.upper().startswith("V=DMARC1")]
            if found:
                return _policy(name, found)
    except NoAnswer:
        return Check("DMARC", False, SILENT)
    text = "The domain does not say what to do with emails that only pretend to come from it. Add this to DNS."
    return Check("DMARC", False, text, f"_dmarc.{domain}", DMARC.format(domain=domain))


def _policy(name: str, found: list[str]) -> Check:
    if len(found) > 1:
        return Check("DMARC", False, "There are several records, so mail servers ignore them all. Keep one.")
    policy = _tag(found[0], "p")
    if policy not in ("none", "quarantine", "reject"):
        return Check("DMARC", False, f"_dmarc.{name} has no policy. Add p=none, p=quarantine or p=reject to it.")
    more = " It only watches. Once reports look good, change it to quarantine." if policy == "none" else ""
    return Check("DMARC", True, f"_dmarc.{name} says p={policy}.{more}")


def _and_above(domain: str) -> Iterator[str]:
    """The domain, and those above it down to two labels: receivers look there too."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])


def _tag(record: str, tag: str) -> str:
    """The value of one tag of a record, without spaces."""
    match = re.search(rf"(?:^|;)\s*{tag}\s*=\s*([^;]*)", record)
    return re.sub(r"\s", "", match[1]) if match else ""

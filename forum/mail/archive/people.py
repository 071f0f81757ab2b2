"""Who wrote a mail: found behind "X via List" and " at ", with a name to show and a key to tell people apart."""

import re
from collections.abc import Container, Iterator

from forum.mail.archive.charsets import clean_line
from forum.mail.archive.headers import Fields, as_address
from forum.mail.archive.jsonlines import AUTHOR_KEY
from forum.mail.archive.masks import masked_name
from forum.mail.archive.types import Author

MAX_NAME = 120
UNKNOWN = "Unknown author"
VIA = re.compile(r"(.+?)\s+via\s+(.{1,80})")
MAILTO = re.compile(r"<mailto:([^>?]{3,254})", re.I)
LIST_ID = re.compile(r"<([^<>\s]{3,254})>")
MAILING_LIST = re.compile(r"list\s+([^\s;]+)", re.I)
LAST_FIRST = re.compile(r"([^\W\d_][\w'’ -]{0,40}),\s+([^\W\d_][\w.'’ -]{0,40})(?:\s+\(.*\))?")
ACADEMIC = re.compile(r"(?:ph\.?d|md|jr|sr|inc|ltd|llc|gmbh|ii|iii|iv|esq|m\.?a|m\.?sc|b\.?sc|ed\.?d)\.?", re.I)
ADDRESS_AS_NAME = re.compile(r"[^\s@]+(?:@| at )[^\s@]+\.[^\s@]+")
BRACKETED = re.compile(r"\[([^\[\]]{1,60})\]")


def list_addresses(fields: Fields, subject: str) -> tuple[str, ...]:
    """The addresses of the list itself, as far as the headers tell; a From that bears the subject's prefix is one."""
    found = [as_address(found[1]) for value in fields.all("List-Post") if (found := MAILTO.search(value))]
    found += [as_address(value) for name in ("X-BeenThere", "X-Mailing-List") for value in fields.all(name)]
    found += [as_address(each[1]) for value in fields.all("Mailing-List") if (each := MAILING_LIST.search(value))]
    found += [
        as_address(each[1].replace(".", "@", 1)) for value in fields.all("List-Id") if (each := LIST_ID.search(value))
    ]
    prefixes = {prefix.strip().lower() for prefix in BRACKETED.findall(subject[:200])}
    found += [address for _, address in fields.people("From") if address.partition("@")[0] in prefixes]
    return tuple(dict.fromkeys(address for address in found if address))


def author(fields: Fields, lists: tuple[str, ...]) -> Author:
    """The person behind the From line: a list that put itself there is looked through."""
    name, address = next(iter(fields.people("From")), ("", ""))
    via = VIA.fullmatch(name)
    if address in lists or (via and fields.first("Reply-To")):
        name = via[1].strip("'\" ") if via else name
        name, address = _behind(fields, name, {*lists, address})
    shown = shown_name(name, address)
    return Author(_key(fields, shown, address), masked_name(shown) or UNKNOWN, address)


def lasting_key(key: str, name: str, address: str, lists: Container[str]) -> str:
    """The key once all of the list's own addresses are known: people who wrote through one differ by name."""
    return f"name:{name.casefold()}" if address in lists else key


def shown_name(name: str, address: str) -> str:
    """The name as people write it: "Lee, Ann" turned, not an address; one may stand in it still."""
    name = clean_line(name).strip("'\"<>").strip()
    if not name or ADDRESS_AS_NAME.fullmatch(name):
        name = (address or name).replace(" at ", "@").partition("@")[0]
    turned = LAST_FIRST.fullmatch(name)
    if turned and not ACADEMIC.fullmatch(turned[2].split()[0]):
        name = f"{turned[2]} {turned[1]}"
    return name[:MAX_NAME].strip() or UNKNOWN


def _behind(fields: Fields, name: str, lists: set[str]) -> tuple[str, str]:
    for found_name, address in _candidates(fields, name):
        if address and address not in lists:
            return name or found_name, address
    return ("" if ADDRESS_AS_NAME.fullmatch(name) else name), ""


def _candidates(fields: Fields, name: str) -> Iterator[tuple[str, str]]:
    for header in ("X-Original-From", "X-MailFrom", "X-Original-Sender"):
        yield from fields.people(header)
    yield from fields.people("Reply-To")
    yield from (each for each in fields.people("Cc") if name and each[0].casefold() == name.casefold())


def _key(fields: Fields, name: str, address: str) -> str:
    if hidden := fields.first(AUTHOR_KEY):
        return f"hash:{clean_line(hidden)[:128]}"
    return f"address:{address}" if address else f"name:{name.casefold()}"

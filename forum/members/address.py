"""What counts as a mail address here: plain ASCII, one @, no quotes, no tricks with encodings."""

import re

from forum.kit.errors import Invalid

MAX_ADDRESS = 254
# No % ! ? |: mail servers have read routes and encodings into them, and with those another recipient.
LOCAL = r"[a-z0-9#&'+=_~-]+(?:\.[a-z0-9#&'+=_~-]+)*"
DOMAIN = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
ADDRESS = re.compile(f"{LOCAL}@{DOMAIN}")
ASK_AGAIN = "Write it as name@district.org."


def canonical(text: str) -> str:
    """The address in lower case. Raises Invalid for field `address`.

    Stricter than RFC 5322 on purpose: quoted local parts and encoded words have let strangers
    pass domain rules elsewhere. An international domain is stored in its xn-- form.
    """
    address = text.strip().lower()
    if len(address) > MAX_ADDRESS:  # first, because encoding a long domain takes seconds
        raise Invalid(address=ASK_AGAIN)
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            address = f"{local}@{domain.encode('idna').decode()}"
        except UnicodeError:
            raise Invalid(address=ASK_AGAIN) from None
    if len(address) > MAX_ADDRESS or not ADDRESS.fullmatch(address):
        raise Invalid(address=ASK_AGAIN)
    return address


def domain_of(address: str) -> str:
    """The part behind the @ of a canonical address."""
    return address.rpartition("@")[2]

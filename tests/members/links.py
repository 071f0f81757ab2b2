"""What the tests of mailed links share: ask for one and read it out of the mail."""

import re

LINK = re.compile(r"http://forum\.example(/\S+)")


def link_in(mail) -> str:
    """The path of the first link in a mail."""
    return LINK.search(mail.text)[1]


def token_in(mail) -> str:
    return link_in(mail).rpartition("/")[2]

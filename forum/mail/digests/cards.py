"""Things in digests as mails show them: made once for all who get them, then filled in with each reader's own links."""

from functools import lru_cache

from markupsafe import Markup, escape

from forum.mail.digests.types import Block, CardPage, DigestPage, Item, LetterBlock, LetterPage, ReasonPage
from forum.mail.wording import a_place, piece

KEPT = 8192  # of each sort: what a day brings, as it is told to different readers
REPLY_TO, STOP_URL = a_place("reply_to"), a_place("stop_url")


def letter_page(page: DigestPage) -> LetterPage:
    """What the templates of the mail read."""
    return LetterPage(page.day_words, page.counted, tuple(_in_words(block) for block in page.blocks))


def _in_words(block: Block) -> LetterBlock:
    cards = [(_shared(item), item) for item in block.items]
    text = "\n\n".join(_in_text(shared, item) for shared, item in cards)
    html = Markup("\n").join(_in_html(shared, item) for shared, item in cards)
    return LetterBlock(block.heading, text, html, block.left_out)


def _shared(item: Item) -> Item:
    """What a thing is for all who can answer it, or for all who cannot."""
    reply_to = REPLY_TO if item.reply_to else ""
    return item._replace(reply_to=reply_to, why="", stop_words="", stop_url="", is_stop_new=False)


def _in_text(shared: Item, item: Item) -> str:
    card = _card("txt", shared).replace(REPLY_TO, item.reply_to)
    reason = _reason("txt", item.why, item.stop_words if item.is_stop_new else "")
    return f"{card}\n{reason.replace(STOP_URL, item.stop_url)}" if reason else card


def _in_html(shared: Item, item: Item) -> Markup:
    card = _card("html", shared).replace(REPLY_TO, str(escape(item.reply_to)))
    reason = _reason("html", item.why, item.stop_words if item.stop_url else "")
    return Markup(card + reason.replace(STOP_URL, str(escape(item.stop_url))))  # noqa: S704  pieces are escaped


@lru_cache(KEPT)
def _card(kind: str, shared: Item) -> str:
    return piece(f"card.{kind}", CardPage(shared))


@lru_cache(KEPT)
def _reason(kind: str, why: str, stop_words: str) -> str:
    return piece(f"reason.{kind}", ReasonPage(why, stop_words, STOP_URL)) if why or stop_words else ""

"""Things in digests as mails show them: made once for all who get them, then filled in with each reader's own links."""

from functools import lru_cache

from markupsafe import Markup, escape

from forum.mail.digests.types import CardPage, DigestPage, Item, LetterBlock, LetterPage, ReasonPage
from forum.mail.wording import a_place, piece

KEPT = 8192  # of each sort: what a day brings, as it is told to different readers
REPLY_TO, STOP_URL = a_place("reply_to"), a_place("stop_url")


def letter_page(page: DigestPage) -> LetterPage:
    """What the templates of the mail read."""
    blocks = (
        LetterBlock(
            block.heading,
            "\n\n".join(_in_text(item) for item in block.items),
            Markup("\n").join(_in_html(item) for item in block.items),
            block.left_out,
        )
        for block in page.blocks
    )
    return LetterPage(page.day_words, page.counted, tuple(blocks))


def _in_text(item: Item) -> str:
    card = _card("txt", *_apart(item)).replace(REPLY_TO, item.reply_to)
    reason = _reason("txt", item.why, item.stop_words if item.is_stop_new else "")
    return f"{card}\n{reason.replace(STOP_URL, item.stop_url)}" if reason else card


def _in_html(item: Item) -> Markup:
    card = _card("html", *_apart(item)).replace(REPLY_TO, str(escape(item.reply_to)))
    reason = _reason("html", item.why, item.stop_words if item.stop_url else "")
    return Markup(card + reason.replace(STOP_URL, str(escape(item.stop_url))))  # noqa: S704  pieces are escaped


def _apart(item: Item) -> tuple[Item, bool]:
    """What a thing is for everybody, and whether they can answer it."""
    return item._replace(reply_to="", why="", stop_words="", stop_url="", is_stop_new=False), bool(item.reply_to)


@lru_cache(KEPT)
def _card(kind: str, item: Item, takes_replies: bool) -> str:
    return piece(f"card.{kind}", CardPage(item._replace(reply_to=REPLY_TO if takes_replies else "")))


@lru_cache(KEPT)
def _reason(kind: str, why: str, stop_words: str) -> str:
    return piece(f"reason.{kind}", ReasonPage(why, stop_words, STOP_URL)) if why or stop_words else ""

"""A parsed post before it becomes HTML: made safe for the page it lands on, and read for what it says."""

from collections.abc import Iterator

from markdown_it.token import Token

CELL_CLASSES = {"text-align:right": "cell-right", "text-align:center": "cell-center"}


def tidy(tokens: list[Token]) -> list[Token]:
    """Nothing that loads from elsewhere, no empty headings or links, no inline styles."""
    for token in tokens:
        if token.children:
            token.children = list(_named_links(_without_images(token.children)))
    for position, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            token.attrs = {name: value for name, value in token.attrs.items() if name == "start"} | _task_list(token)
        elif token.type in ("th_open", "td_open"):
            _dress_cell(token, tokens[position + 1], tokens[position + 2])
    return list(_demoted(tokens))


def _task_list(token: Token) -> dict[str, str | int | float]:
    return {"class": "task-list"} if "class" in token.attrs else {}


def _dress_cell(opening: Token, content: Token, closing: Token) -> None:
    css_class = CELL_CLASSES.get(str(opening.attrs.get("style")))
    opening.attrs = {"class": css_class} if css_class else {}
    if not content.children:
        opening.tag = closing.tag = "td"  # an empty header announces nothing


def _without_images(children: list[Token]) -> Iterator[Token]:
    """An image becomes a link to it, or its words where it stands inside a link."""
    inside_link = False
    for token in children:
        if token.type != "image":
            inside_link = inside_link != (token.type in ("link_open", "link_close"))
            yield token
            continue
        words = Token("text", "", 0, content=_words(token.children or []) or "image")
        yield from [words] if inside_link else _link(str(token.attrs["src"]), words)


def _link(href: str, words: Token) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": href}), words, Token("link_close", "a", -1)]


def _named_links(children: Iterator[Token]) -> Iterator[Token]:
    """A link without words shows its address."""
    href, words = "", ""
    for token in children:
        if token.type == "link_open":
            href, words = str(token.attrs["href"]), ""
        elif token.type == "link_close" and not _is_visible(words):
            yield Token("text", "", 0, content=href)
        words += token.content
        yield token


def _demoted(tokens: list[Token]) -> Iterator[Token]:
    """Headings from h3 down, never skipping a level, whatever levels were written; empty ones left out."""
    levels: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "heading_open":
            if not _is_visible(_words(tokens[position + 1].children or [])):
                position += 3
                continue
            levels = [level for level in levels if level < token.tag] + [token.tag]
            token.tag = tokens[position + 2].tag = f"h{min(2 + len(levels), 6)}"
        yield token
        position += 1


def _is_visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)


def _words(children: list[Token]) -> str:
    return "".join(" " if token.type in ("softbreak", "hardbreak") else token.content for token in children)


def mentions(tokens: list[Token]) -> tuple[str, ...]:
    """The handles named in the post's own words, in order, each once."""
    children = (child for token in _own(tokens) for child in token.children or [])
    return tuple(dict.fromkeys(child.meta["handle"] for child in children if "handle" in child.meta))


def _own(tokens: list[Token]) -> Iterator[Token]:
    """The lines of text outside quotes."""
    depth = 0
    for token in tokens:
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "inline" and not depth:
            yield token

"""Whoever lost a right can do nothing with the pages they opened while they had it (row 33)."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from forum.categories import moderating
from forum.kit.db import value
from forum.members import roles
from forum.moderation.notes import write_note
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.moderation.scenes import an_admin, flag_it, item_id
from tests.test_strict_forms import rows_of

SECRET = "zqxsecret"
# What they find is in the index, and stays in it.
SEARCHES = {"/search?q=kind:thread", "/search?q=mine", "/search/instant?q=reply", "/ask/similar?title=Theirs+and+mine"}
INSIDE = re.compile(r"/(t|p|c|threads|moderation|undo|drafts|held|flags|people)\b")
# What is nobody's but one's own stays: one's drafts, one's flags, one's marks of what was read. What is looked for is
# counted.
OWN = ("draft", "read_mark", "post_flag", "search_asked")


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """The links of a page, and its forms with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: list[Form] = []
        self.is_open = False

    def handle_starttag(self, tag, attrs):
        at = {name: text or "" for name, text in attrs}
        if tag == "a" and at.get("href", "").startswith("/"):
            self.links.add(at["href"].partition("#")[0])
        if tag == "form" and at.get("method") == "post":
            self.forms.append(Form(at.get("action", "")))
            self.is_open = True
        if tag in ("input", "button", "textarea", "select") and self.is_open and at.get("name"):
            self.forms[-1].fields.append((at["name"], at.get("value", "") or WORDS.get(at["name"], "")))

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_open = False


WORDS = {
    "body": "Some more words.",
    "note": "A note.",
    "title": "Another title altogether",
    "into": "/t/1",
    "of": "/t/1",
    "reason": "rude",
    "words": "zqx",
    "sentence": "Not here.",
}


def variants(form: Form) -> list[dict[str, list[str]]]:
    """The form as each of its buttons would send it."""
    names = [name for name, _ in form.fields]
    once = {name: [text] for name, text in form.fields if names.count(name) == 1}
    several = sorted({name for name in names if names.count(name) > 1})
    if not several:
        return [once]
    return [once | {name: [text]} for name in several for each, text in form.fields if each == name]


@pytest.fixture
async def inside(db, web, drain):
    """Mo, of a closed group and moderator of its category, with all that lies there."""
    slug = await a_category(db, read_by="groups", groups=[await a_group(db)])
    mo = await sign_in_as(web, db, await a_member(db, groups=["circle"], moderates=[slug]))
    mine = await a_thread(db, category=slug, author=mo, title=f"Mine {SECRET}", body=f"Words {SECRET}")
    other = await a_thread(db, category=slug, title=f"Theirs {SECRET}", author=await a_member(db, groups=["circle"]))
    ann = await a_member(db, groups=["circle"])
    for thread in (mine, other):
        await a_reply(db, thread, author=ann, body=f"Reply {SECRET}")
        await a_reply(db, thread, author=mo, body=f"My reply {SECRET}")
    await flag_it(db, await post_id(db, other, 2), await a_member(db, groups=["circle"]), note=f"Flag {SECRET}")
    await write_note(db, mo, ann.id, await value(db, "SELECT id FROM category"), f"Note {SECRET}")
    await drain()
    return mo, slug, (mine, other), ann


async def opened(web, paths) -> tuple[set[str], list[Form]]:
    """All the links and forms behind those pages, and the pages one step on."""
    seen, forms, left = set(), [], set(paths)
    for _ in range(3):
        for path in sorted(left - seen):
            seen.add(path)
            answer = await web.get(path)
            page = Forms()
            page.feed(answer.text)
            forms += [form for form in page.forms if INSIDE.match(form.action)]
            left |= {link for link in page.links if INSIDE.match(link)}
    return {path for path in seen | left if INSIDE.match(path)}, forms


async def test_who_is_no_longer_inside_can_use_no_page_they_opened_before(db, web, inside):
    mo, slug, (mine, other), ann = inside
    start = ["/", f"/c/{slug}", f"/t/{mine}", f"/t/{other}", "/moderation", f"/moderation/members/{ann.handle}", "/log"]
    start += [f"/t/{other}?quote=1", f"/moderation/items/{await item_id(db)}", "/moderation/log", "/flags", "/drafts"]
    links, forms = await opened(web, start)
    links |= SEARCHES
    sent = [(form.action, variant) for form in forms for variant in variants(form)]
    assert len({re.sub(r"\d+", "N", action) for action, _ in sent}) >= 15
    seen = {link for link in links if SECRET in (await web.get(link)).text}
    assert len(seen) >= 13
    assert seen >= SEARCHES
    admin = await an_admin(db)
    await moderating.remove(db, admin, await value(db, "SELECT id FROM category"), mo.id)
    await roles.remove_from_group(db, admin, await value(db, "SELECT id FROM member_group"), mo.id)
    before = {table: rows for table, rows in (await rows_of(db)).items() if table not in OWN}

    for action, variant in sent:
        answer = await web.post(action, data=variant)
        assert SECRET not in answer.text.replace("\n", " ") or SECRET in str(variant), action
        assert answer.status_code in (303, 403, 404, 422), (action, answer.status_code)
    for link in sorted(links):
        assert SECRET not in (await web.get(link, follow_redirects=True)).text, link

    after = {table: rows for table, rows in (await rows_of(db)).items() if table not in OWN}
    assert after == before

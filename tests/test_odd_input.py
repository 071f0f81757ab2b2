"""Whatever is sent, in whatever form: refused or understood, never broken."""

import re

import pytest

from forum.kit.db import value
from forum.wiring import ROUTES
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.hostile import attacks
from tests.real_data import needs_data
from tests.routes import filled, places, requests

WITH_IDS = sorted({(method, path) for method, path in requests() if re.search(r":int}", path)})
PAGES = sorted({path for method, path in requests(ROUTES) if method == "GET"})
FORMS = sorted({path for method, path in requests(ROUTES) if method == "POST"})
ODD_IDS = ["0", "-1", "1e3", "1%20", "99999999999", str(2**63 - 1), str(2**63), "9" * 3900, "١"]
ODD_TEXTS = [
    "-1",
    "99999999999",
    "9" * 30,
    "1e400",
    "nan:1",
    "0.5:99999999999",
    "9007199254740993.9007199254740993",
    "%ED%A0%80%FF%01%7F",
    "%5C%22%27%3B--{{7*7}}",
    "../../etc/passwd",
]
FIELDS = re.findall(
    r"\w+",
    """address name title note about district_id decision next theme body client_key category kind topics version reason
    helpful order draft_key slug into handle preview act of seconds post_ids thread_ids template""",
)


def part(text: bytes, more: bytes = b"") -> bytes:
    """A piece of a form sent in parts."""
    return b'--x\r\nContent-Disposition: form-data; name="name"' + more + b"\r\n\r\n" + text + b"\r\n"


@pytest.mark.parametrize("number", ODD_IDS, ids=lambda number: number[:20])
async def test_what_is_no_id_is_not_there(db, web, number):
    await sign_in_as(web, db, await an_admin(db))
    await a_thread(db)

    for method, path in WITH_IDS:
        answer = await web.request(method, filled(path, **dict.fromkeys(places(path) - {"slug"}, number)))
        allowed = {404, 400} if method == "GET" else {303, 403, 404, 405, 400, 422}
        assert answer.status_code in allowed, (method, path, answer.text[:200])


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: text[:20])
async def test_odd_words_in_an_address_break_nothing(db, web, text):
    await sign_in_as(web, db, await an_admin(db))
    thread_id = await a_thread(db)
    names = ("after", "from", "quote", "period", "q", "title", "category", "next", "notice", "version")
    query = "&".join(f"{name}={text}" for name in names)
    addresses = [filled(path, thread_id=thread_id, post_id=await post_id(db, thread_id)) for path in PAGES]
    addresses = [f"{address}?{query}" for address in addresses] + [f"/t/{thread_id}?order=helpful&from={text}"]
    addresses += [filled(path, slug=text, order=text, token=text, handle=text) for path in PAGES]

    for address in addresses:
        assert (await web.get(address)).status_code < 500, address


@needs_data
async def test_no_attack_is_answered_with_an_error_of_ours(db, web):
    await a_category(db, slug="help")
    await sign_in_as(web, db, await a_member(db))
    for attack in dict.fromkeys(attacks()):
        form = {"category": "help", "kind": "question", "title": f"{attack} and ten characters"[:200], "body": attack}
        async with db.transaction(force_rollback=True):  # so that no search goes through those before
            answers = [
                await web.post("/ask", data=form | {"topics": "", "client_key": "k"}),
                await web.get("/search", params={"q": attack[:200]}),
                await web.get("/ask/similar", params={"title": attack[:300]}),
                await web.get("/", params={"from": attack[:100], "notice": attack[:100]}),
            ]
        assert [answer.status_code for answer in answers if answer.status_code not in (200, 303, 422)] == [], attack


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "-1", "9" * 25, b"\xed\xa0\x80", "<b>\r\n\t", ["x", "y"], None],
    ids=lambda text: repr(text)[:16],
)
async def test_odd_words_in_a_form_break_nothing(db, web, text):
    await sign_in_as(web, db, await an_admin(db))
    thread_id = await a_thread(db)
    reply_id = await a_reply(db, thread_id)
    data = {} if text is None else dict.fromkeys(FIELDS, text)

    for path in FORMS:
        answer = await web.post(filled(path, thread_id=thread_id, post_id=reply_id, slug="replies"), data=data)
        assert answer.status_code < 500, path


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b"--x\r\n"),
        ("; boundary=", b"--x\r\n"),
        ("; boundary=x", b"--x\r\nno header at all"),
        ("; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"),
        ("; boundary=x; charset=undefined", part(b"v") + b"--x--\r\n"),
        ("; boundary=x", part(b"v", b'; filename="a"') + b"--x--\r\n"),
        ("; boundary=x", part(b"v") * 200 + b"--x--\r\n"),
        ("; boundary=x", part(b"v" * 300_000) + b"--x--\r\n"),
    ],
)
async def test_a_form_in_parts_that_is_none_is_refused(db, web, kind, body):
    await _refused(db, web, f"multipart/form-data{kind}", body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(200))),
        ("application/x-www-form-urlencoded", b"name=" + b"%" * 1000),
        ("application/x-www-form-urlencoded", b"name=" + b"v" * 900_000),
        ("application/json", b'{"name": ["x"]}'),
        ("text/plain; charset=\xff", b"name=x"),
        ("", b"name=x"),
    ],
)
async def test_a_form_of_another_kind_is_refused(db, web, kind, body):
    await _refused(db, web, kind, body)


@pytest.mark.parametrize(("charset", "body"), [("utf-7", b"+2AA-"), ("unicode_escape", b"\\ud800")])
async def test_half_a_character_in_an_encoding_of_the_senders_choice_is_a_question_mark(db, web, charset, body):
    ann = await sign_in_as(web, db, await a_member(db))
    kind = f"multipart/form-data; boundary=x; charset={charset}"

    answer = await web.post("/settings", content=part(body) + b"--x--\r\n", headers={"content-type": kind})

    assert answer.status_code == 303
    assert await value(db, "SELECT name FROM member WHERE id = :id", id=ann.id) == "?"


async def _refused(db, web, kind, body):
    await sign_in_as(web, db, await a_member(db))

    answer = await web.post("/settings", content=body, headers={"content-type": kind.encode("latin-1")})

    assert answer.status_code in (400, 413, 422), answer.text[:200]


async def test_a_name_that_came_in_another_encoding_is_kept_or_refused_but_never_breaks_the_page(db, web):
    ann = await sign_in_as(web, db, await a_member(db))

    await web.post("/settings", data={"name": "Zoë 李 \U0001f600", "title": "", "about": "a\r\nb\x00"})

    assert await value(db, "SELECT name || '|' || about FROM member WHERE id = :id", id=ann.id) == "Zoë 李 😀|a\nb�"

"""The pages of signing in and joining, in a browser without JavaScript."""

import re

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.members import joining, sign_in
from tests.factories import a_member, an_admin
from tests.members.links import link_in

ADA = "ada@district.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def test_from_the_form_through_the_mail_to_the_page_one_wanted(db, web, drain, tools):
    await a_member(db, address=ADA)
    form = await web.get("/sign-in?next=/topics")
    assert 'name="next" value="/topics"' in form.text

    sent = await web.post("/sign-in", data={"address": ADA, "next": "/topics"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in/sent")
    assert "Check your email" in (await web.get("/sign-in/sent")).text
    await drain()
    path = link_in(tools.mailer.sent[0])
    button = await web.get(path)
    assert f'<form method="post" action="{path}"' in button.text
    signed_in = await web.post(path, headers={"user-agent": FIREFOX})

    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/topics")
    assert "Firefox on Linux" in (await web.get("/settings/security")).text


async def test_opening_a_link_any_number_of_times_changes_nothing(db, web):
    await a_member(db, address=ADA)
    links = [await sign_in.issue_link(db, purpose, ADA, hours=1) for purpose in ("sign-in", "join")]
    before = await value(db, "SELECT jsonb_agg(l ORDER BY l.purpose) FROM mailed_link l")

    for path in (f"/sign-in/{links[0]}", f"/join/{links[1]}"):
        for method in ("GET", "HEAD", "GET", "OPTIONS", "PUT", "DELETE", "PROPFIND"):
            answer = await web.request(method, path)
            assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
            assert "set-cookie" not in answer.headers

    assert await value(db, "SELECT jsonb_agg(l ORDER BY l.purpose) FROM mailed_link l") == before
    assert await value(db, "SELECT count(*) FROM session") == 0
    assert (await web.post(f"/sign-in/{links[0]}")).status_code == 303


async def test_a_link_that_does_not_work_any_more_says_so_and_how_to_go_on(db, web):
    await a_member(db, address=ADA)
    used = await sign_in.issue_link(db, "sign-in", ADA, hours=1)
    await web.post(f"/sign-in/{used}")
    web.cookies.clear()
    joining_link = await sign_in.issue_link(db, "join", ADA, hours=1)
    over = await sign_in.issue_link(db, "sign-in", ADA, hours=-1)

    answers = [
        await web.request(method, f"/sign-in/{link}")
        for link in (used, over, joining_link, "x" * 22, "%00", "é", "x" * 2000)
        for method in ("GET", "POST")
    ]

    assert {answer.status_code for answer in answers} <= {404, 400}
    texts = {answer.text for answer in answers if answer.status_code == 404}
    assert len(texts) == 1
    assert "This link does not work anymore" in texts.pop()
    assert "session" not in web.cookies


async def test_known_and_unknown_addresses_get_the_same_answer_and_one_mail_each(db, web, drain, tools):
    await a_member(db, address=ADA)
    await joining.invite(db, await an_admin(db), "invited@district.example", None)
    await run(db, "DELETE FROM pgqueuer")
    await add_district(db, "Pine County", domains=["pine.example"])
    addresses = [ADA, "nobody@district.example", "invited@district.example", "new@pine.example"]

    answers = [await web.post("/sign-in", data={"address": address, "next": "/"}) for address in addresses]
    await drain()

    assert len({told(answer) for answer in answers}) == 1
    assert sorted(mail.to for mail in tools.mailer.sent) == sorted(addresses)


def told(answer) -> str:
    """All an outsider can learn from an answer, without the id that every request has."""
    headers = sorted((name, value) for name, value in answer.headers.multi_items() if name != "x-request-id")
    return f"{answer.status_code} {headers} {answer.text}"


async def test_asking_too_often_gets_the_same_answer_for_known_and_unknown_addresses(db, web):
    await a_member(db, address=ADA)
    answers = [
        await web.post("/sign-in", data={"address": address})
        for address in (ADA, "nobody@district.example")
        for _ in range(7)
    ]

    assert len({told(answer) for answer in answers}) == 1
    assert answers[0].headers["location"] == "/sign-in/sent"


async def test_a_site_that_mails_too_much_says_when_to_come_back(db, web, monkeypatch):
    monkeypatch.setattr(sign_in, "MAILS_AN_HOUR", 1)
    await web.post("/sign-in", data={"address": ADA})

    answer = await web.post("/sign-in", data={"address": "nobody@district.example"})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600


async def test_asking_to_join_tells_nobody_who_is_a_member(db, web):
    await a_member(db, address=ADA)

    answers = [
        await web.post("/join", data={"name": "Somebody", "title": "", "address": address, "note": ""})
        for address in (ADA, "nobody@district.example", "nobody@district.example")
    ]

    assert len({told(answer) for answer in answers}) == 1
    assert "An administrator" in answers[0].text


async def test_a_refused_form_comes_back_with_its_text(db, web):
    page = await web.post("/sign-in", data={"address": "<b>ada", "next": "/topics"})

    assert page.status_code == 422
    assert "Write it as name@district.org." in page.text
    assert 'value="&lt;b&gt;ada"' in page.text
    assert 'name="next" value="/topics"' in page.text

    page = await web.post("/join", data={"name": "", "title": "Boss", "address": "ada", "note": "Let me in"})

    assert page.status_code == 422
    assert {"Write your name as colleagues know you.", "Write it as name@district.org."} <= problems(page)
    assert 'value="Boss"' in page.text
    assert "Let me in" in page.text


def problems(page) -> set[str]:
    """The sentences of a form's summary of what is wrong."""
    return set(re.findall(r'<a href="#[a-z_]+">([^<]+)</a>', page.text))


async def test_joining_by_a_link_signs_in(db, web):
    pine = await add_district(db, "Pine County")
    link = await sign_in.issue_link(db, "join", ADA, district_id=pine, hours=1)
    assert "Pine County" in (await web.get(f"/join/{link}")).text
    refused = await web.post(f"/join/{link}", data={"name": "", "title": "Boss"})
    assert refused.status_code == 422
    assert 'value="Boss"' in refused.text

    joined = await web.post(f"/join/{link}", data={"name": "Ada Byron", "title": "Boss"})

    assert (joined.status_code, joined.headers["location"]) == (303, "/settings/following/start?notice=welcome")
    assert "Pine County" in (await web.get("/people/ada.byron")).text
    assert (await web.post(f"/join/{link}", data={"name": "Ada Byron", "title": ""})).status_code == 404
    assert (await web.get(f"/join/{link}")).status_code == 404


async def test_a_link_for_signing_in_joins_nobody(db, web):
    link = await sign_in.issue_link(db, "sign-in", ADA, hours=1)

    assert (await web.get(f"/join/{link}")).status_code == 404
    assert (await web.post(f"/join/{link}", data={"name": "Eve"})).status_code == 404
    assert (await web.post(f"/join/{link}", data={"name": ""})).status_code == 404


async def test_there_is_an_end_to_requests_to_join_in_one_hour(db, web, monkeypatch):
    monkeypatch.setattr(joining, "REQUESTS_AN_HOUR", 3)
    refused = [await web.post("/join", data={"name": "", "address": "eve@district.example"}) for n in range(4)]
    assert [answer.status_code for answer in refused] == [422] * 4

    answers = [await web.post("/join", data={"name": "Eve", "address": f"eve{n}@district.example"}) for n in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ok\r\nset-cookie: session=x",
        "///evil.example",
        "evil.example",
        "@evil.example",
        "",
        "/" + "x" * 600,
        "/a\\b",
    ],
)
async def test_a_link_leads_to_no_other_site(db, web, wanted):
    await a_member(db, address=ADA)
    link = await sign_in.issue_link(db, "sign-in", ADA, next_path=wanted, hours=1)
    form = await web.get("/sign-in", params={"next": wanted})
    signed_in = await web.post(f"/sign-in/{link}")

    assert 'name="next" value="/"' in form.text
    assert signed_in.headers["location"] == "/"


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/t/7/a-thread?after=50#p51", "/t/7/a-thread?after=50#p51"),
        ("/%2f%2fevil.example", "/%2f%2fevil.example"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("/／evil.example", "/%EF%BC%8Fevil.example"),
    ],
)
async def test_a_link_leads_to_pages_of_this_site(db, web, wanted, location):
    await a_member(db, address=ADA)
    link = await sign_in.issue_link(db, "sign-in", ADA, next_path=wanted, hours=1)

    assert (await web.post(f"/sign-in/{link}")).headers["location"] == location


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("<script>", "A browser"),
        ("", "A browser"),
    ],
)
async def test_the_list_of_sessions_names_the_browser_not_what_it_sent(db, web, agent, device):
    await a_member(db, address=ADA)
    link = await sign_in.issue_link(db, "sign-in", ADA, hours=1)

    await web.post(f"/sign-in/{link}", headers={"user-agent": agent})

    assert await value(db, "SELECT device FROM session") == device

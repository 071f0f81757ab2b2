"""The pieces every view uses."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from forum.kit.errors import Invalid, NotFound
from forum.kit.http import form_of, own_path, path_id, plain, query_int, redirect, wants_fragment


def asked(query="", accept="", number=1) -> Request:
    headers = [(b"accept", accept.encode())]
    return Request({"type": "http", "query_string": query.encode(), "headers": headers, "path_params": {"id": number}})


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("n=7", 7),
        ("n=007", 7),
        ("n=999999999", 999_999_999),
        ("n=1&n=2", 2),
        *((query, 5) for query in ("", "n=", "n=-1", "n=1e3", "n=1.5", "n=+1", "n=%201", "n=1000000000", "n=x", "n=٣")),
        ("n=" + "9" * 5000, 5),
    ],
    ids=lambda each: str(each)[:20],
)
def test_a_number_in_an_address_is_a_small_whole_one_or_the_default(query, number):
    assert query_int(asked(query), "n", 5) == number


@pytest.mark.parametrize("number", [1, 2**63 - 1])
def test_an_id_is_what_the_database_can_hold(number):
    assert path_id(asked(number=number), "id") == number


@pytest.mark.parametrize("number", [0, 2**63, 10**30])
def test_any_other_number_is_no_id(number):
    with pytest.raises(NotFound):
        path_id(asked(number=number), "id")


@pytest.mark.parametrize(
    "path",
    ["/", "/t/7/slug?after=50#p51", "/search?q=a//b", "/c/é", "/%09/x", "/" + "x" * 499],
)
def test_a_path_of_this_site_is_kept(path):
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "t/7",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "/\t/evil.example",
        "/\x00",
        "/\u2028x",
        "/\u202e",
        " /a",
        "/" + "x" * 500,
    ],
)
def test_any_other_becomes_the_default(path):
    assert own_path(path) == "/"
    assert own_path(path, "/unread") == "/unread"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x00b", "a�b"),
        ("a\ud800b", "a?b"),
        ("Zoë 😀 \x02", "Zoë 😀 \x02"),
        ("\r\r\n", "\n\n"),
    ],
)
def test_text_is_kept_as_the_database_takes_it(sent, kept):
    assert plain(sent) == kept


async def test_a_form_holds_what_was_asked_for_once_each_and_no_files():
    async def view(request):
        try:
            return JSONResponse(dict(await form_of(request, "a", "b")))
        except Invalid as problem:
            return JSONResponse(problem.fields, 422)

    transport = httpx.ASGITransport(Starlette(routes=[Route("/", view, methods=["POST"])]))
    async with httpx.AsyncClient(transport=transport, base_url="http://forum.example") as browser:
        fine = await browser.post("/", data={"a": "2\r\n3", "b": "", "token": "t"})
        refused = [
            await browser.post("/", data=data)
            for data in ({"a": ["1", "2"]}, {"c": "1"}, {"a[]": "1"}, {"a": "1", "token": ["t", "t"]}, {"A": "1"})
        ]
        with_file = await browser.post("/", data={"a": "1"}, files={"f": ("x.txt", b"data")})

    assert fine.json() == {"a": "2\n3", "b": "", "token": "t"}
    assert [answer.status_code for answer in refused] == [422] * 5
    assert with_file.status_code in (400, 413)


def test_after_a_form_the_browser_is_sent_on():
    answer = redirect("/t/7#p2")

    assert (answer.status_code, answer.headers["location"]) == (303, "/t/7#p2")


def test_a_script_asks_for_a_piece_of_a_page():
    assert wants_fragment(asked(accept="text/html; fragment"))
    assert not wants_fragment(asked(accept="text/html"))

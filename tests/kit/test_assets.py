"""Static files: what is served, how long it is kept, what cannot be reached."""

import gzip
import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from forum.kit.assets import Assets
from forum.kit.errors import NotFound
from forum.kit.site import STATIC


async def not_found(request, refusal):
    return PlainTextResponse("nothing", 404)


def browser(folder) -> httpx.AsyncClient:
    assets = Assets(folder)
    app = Starlette(
        routes=[Route("/static/{version}/{name:path}", assets.serve)], exception_handlers={NotFound: not_found}
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://forum.example{assets.prefix}/")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "css").mkdir()
    for name in ("tokens", "base", "layout", "components", "a-room", "z-room"):
        (tmp_path / "css" / f"{name}.css").write_text(f".{name} {{ color: red }}\n")
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text("export {};\n")
    (tmp_path / "icon.png").write_bytes(b"\x89PNG")
    (tmp_path / "secret.txt").write_text("inside")
    return tmp_path / ""


async def test_a_file_is_kept_for_a_year_under_a_path_that_names_its_content(folder):
    answer = await browser(folder).get("js/main.js")

    assert answer.text == "export {};\n"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "accept-encoding"


async def test_when_any_file_changes_so_does_the_path(folder):
    before = Assets(folder).prefix
    assert Assets(folder).prefix == before
    (folder / "js" / "main.js").write_text("export { };\n")

    assert Assets(folder).prefix != before
    assert re.fullmatch(r"/static/[0-9a-f]{12}", before)


async def test_all_styles_are_one_file_the_shared_ones_first(folder):
    sheet = (await browser(folder).get("site.css")).text

    assert re.findall(r"\.([a-z-]+) {", sheet) == ["tokens", "base", "layout", "components", "a-room", "z-room"]


@pytest.mark.parametrize("accepts", ["gzip", "br, gzip;q=0.5", "deflate, gzip"])
async def test_text_goes_out_packed_to_whoever_takes_it(folder, accepts):
    client = browser(folder)
    async with client.stream("GET", "js/main.js", headers={"accept-encoding": accepts}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])

    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == b"export {};\n"


async def test_others_get_it_plain_and_pictures_are_never_packed(folder):
    plain = await browser(folder).get("js/main.js", headers={"accept-encoding": "identity"})
    picture = await browser(folder).get("icon.png", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in picture.headers
    assert (picture.headers["content-type"], picture.content) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "name",
    [
        "nothing.css",
        "",
        "js",
        "js/",
        "..%2fpyproject.toml",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "js/../secret.txt%00",
        "js//main.js",
        "JS/main.js",
    ],
)
async def test_nothing_else_is_there(folder, name):
    client = browser(folder)
    answer = await client.get(f"{client.base_url}{name}")

    assert answer.status_code == 404


async def test_a_file_is_the_one_that_was_there_at_the_start(folder):
    client = browser(folder)
    (folder / "js" / "main.js").write_text("changed")
    (folder / "late.txt").write_text("late")

    assert (await client.get("js/main.js")).text == "export {};\n"
    assert (await client.get("late.txt")).status_code == 404


def test_our_own_files_refer_only_to_ourselves():
    for path in STATIC.rglob("*.[cj]s*"):
        addresses = re.findall(r"https?://[^\s\"')]+", path.read_text())
        assert [each for each in addresses if "www.w3.org/2000/svg" not in each] == [], path

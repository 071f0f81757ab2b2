"""The static files: kept for a year only under the path that names their content."""

import gzip

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from forum.kit.assets import FOREVER, Assets
from forum.kit.errors import NotFound
from forum.kit.site import STATIC


@pytest.fixture
def assets():
    return Assets(STATIC)


@pytest.fixture
def browser(assets):
    app = Starlette(routes=[Route("/static/{version}/{name:path}", assets.serve)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://forum.example")


async def test_a_file_is_kept_for_a_year_under_its_own_version(browser, assets):
    answer = await browser.get(f"{assets.prefix}/site.css")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, FOREVER)


@pytest.mark.parametrize("version", ["x", "000000000000", ""])
async def test_a_file_under_another_version_is_asked_for_anew(browser, assets, version):
    answer = await browser.get(f"/static/{version or assets.prefix.rpartition('/')[2][1:]}/site.css")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


async def test_a_file_goes_out_packed_to_whoever_takes_it(browser, assets):
    plain = await browser.get(f"{assets.prefix}/site.css", headers={"accept-encoding": "identity"})
    packed = await browser.get(f"{assets.prefix}/site.css", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content
    assert len(gzip.compress(plain.content)) < len(plain.content)


async def test_what_is_not_there_is_not_found(browser, assets):
    with pytest.raises(NotFound):
        await browser.get(f"{assets.prefix}/nowhere.css")

"""The logo: beside the name on every page, drawn anew, kept in the database, removable."""

import asyncio
import io
import re

import pytest
from PIL import Image

from forum.administration import commands
from forum.kit import pictures
from forum.kit.errors import Forbidden, Invalid
from forum.site.queries import setting
from tests.administration.acts import acts
from tests.factories import a_member, an_admin, sign_in_as


@pytest.fixture(autouse=True, scope="module")
def _children_end():
    yield
    pictures.close()


def drawn(colour="#14595f", kind="PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 100), colour).save(out, kind)
    return out.getvalue()


async def test_a_logo_stands_beside_the_name_for_everybody(db, web, settings):
    await sign_in_as(web, db, await an_admin(db))

    sent = await web.post("/admin/logo", files={"picture": ("../../logo.php.svg", drawn(kind="JPEG"), "text/html")})

    assert sent.status_code == 303
    web.cookies.clear()
    path = re.search(r'<img class="brand-logo" src="(/logo/[0-9a-f]{16}\.png)"', (await web.get("/")).text)[1]
    logo = await web.get(path)
    assert Image.open(io.BytesIO(logo.content)).format == "PNG"
    assert logo.headers["content-type"] == "image/png"
    assert logo.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert logo.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in logo.headers["content-security-policy"]


async def test_a_logo_that_is_replaced_or_removed_is_gone(db, web):
    admin = await an_admin(db)
    await commands.show_logo(db, admin, drawn())
    first = f"/logo/{(await setting(db)).logo_hash}.png"
    await commands.show_logo(db, admin, drawn("#5c4a9e"))
    second = f"/logo/{(await setting(db)).logo_hash}.png"
    assert [(await web.get(path)).status_code for path in (first, second)] == [404, 200]

    for _ in range(2):
        await commands.remove_logo(db, admin)

    assert (await web.get(second)).status_code == 404
    assert "brand-logo" not in (await web.get("/")).text
    assert [act for act, _, _ in await acts(db)] == ["site.logo_changed"] * 3


async def test_the_same_logo_twice_at_the_same_moment_is_one_change(db):
    admin = await an_admin(db)

    await asyncio.gather(*(commands.show_logo(db, admin, drawn()) for _ in range(4)))

    assert len(await acts(db)) == 1


@pytest.mark.parametrize("sent", [b"", b"<svg/>", b"x" * 300_000])
async def test_what_is_no_picture_changes_nothing(db, web, sent):
    await sign_in_as(web, db, await an_admin(db))

    answer = await web.post("/admin/logo", files={"picture": ("logo.png", sent, "image/png")})

    assert answer.status_code == 422
    assert 'href="#picture"' in answer.text
    assert (await setting(db)).logo_hash == ""
    with pytest.raises(Invalid):
        await commands.show_logo(db, await an_admin(db), sent)


async def test_only_administrators_choose_the_logo(db):
    ann = await a_member(db)
    for command in (commands.show_logo(db, ann, drawn()), commands.remove_logo(db, ann)):
        with pytest.raises(Forbidden):
            await command


async def test_a_change_that_is_not_recorded_does_not_happen(db, monkeypatch):
    async def broken(*_):
        raise OSError

    monkeypatch.setattr(commands, "record", broken)
    with pytest.raises(OSError):  # noqa: PT011 - ours, and no other
        await commands.show_logo(db, await an_admin(db), drawn())

    assert (await setting(db)).logo_hash == ""

"""A mailing list's archive, imported with one command, is read, answered and accepted."""

import asyncio
import re
import sys
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests import tokened
from tests.browser.conftest import Visitor, sign_in_by_mail
from tests.product.running import ROOT, Site, environment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MBOX = b"""From lena.frost@birchfield.example  Tue Mar  3 09:12:44 2015
From: Lena Frost <lena.frost@birchfield.example>
To: Tech list <tech@list.example>
Subject: [tech] Interactive boards lose their pens
Date: Tue, 3 Mar 2015 09:12:44 -0600
Message-ID: <pens-1@birchfield.example>

Since the update none of our 14 boards sees its pen.

What did you do?

-- 
Lena Frost
Birchfield Consolidated

From hugo.marsh@oakhollow.example  Tue Mar  3 10:02:01 2015
From: Hugo Marsh <hugo.marsh@oakhollow.example>
To: Tech list <tech@list.example>
Subject: Re: [tech] Interactive boards lose their pens
Date: Tue, 3 Mar 2015 10:02:01 -0600
Message-ID: <pens-2@oakhollow.example>
In-Reply-To: <pens-1@birchfield.example>
References: <pens-1@birchfield.example>

Roll the driver back to 11.4.

On Tue, 3 Mar 2015, Lena Frost wrote:
> Since the update none of our 14 boards sees its pen.
>
> What did you do?
"""


async def import_mail(site: Site, file: Path) -> str:
    """What `forum import-mail` says, run beside the running site."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "forum", "import-mail", str(file), "--category", "old-list"),
        cwd=ROOT,
        env=environment(site.var, site.port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return said.decode()


@pytest.fixture(scope="session")
async def imported(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive's file, after its mails have come into the category old-list."""
    archive = tmp_path_factory.mktemp("archive") / "tech.mbox"
    archive.write_bytes(MBOX)
    assert re.search(r"Added\s+2\b", await import_mail(site, archive))
    return archive


async def test_an_imported_question_is_read_answered_and_accepted_by_its_author(
    visitor: Visitor, site: Site, imported: Path
) -> None:
    assert re.search(r"Added\s+0\b", await import_mail(site, imported))

    async with visitor("maya.okafor") as maya:
        await maya.goto("/c/old-list")
        await maya.click("text=Interactive boards lose their pens")
        thread = maya.url.split("#")[0]
        await expect(maya.locator("#p1 .post-body")).to_contain_text("none of our 14 boards")
        await expect(maya.locator("#p1 .signature")).to_contain_text("Birchfield Consolidated")
        await expect(maya.locator("#p2 .post-body")).to_contain_text("Roll the driver back")
        await expect(maya.locator("main")).not_to_contain_text("@birchfield.example")
        await maya.fill("#body", "The newest driver works again, too.")
        await maya.click("button:has-text('Post reply')")
        await maya.wait_for_url(re.compile(r"#p3$"))

    async with visitor() as lena:
        await sign_in_by_mail(lena, "lena.frost@birchfield.example")
        await lena.goto(thread)
        await lena.click("#p2 button:has-text('This answered it')")
        await expect(lena.locator("#p1")).to_contain_text("Accepted answer by Hugo Marsh")


async def test_a_guest_cannot_tell_an_imported_thread_from_one_that_is_not_there(site: Site, imported: Path) -> None:
    async with (
        httpx.AsyncClient(base_url=site.url) as guest,
        httpx.AsyncClient(base_url=site.url, event_hooks=tokened.HOOKS) as maya,
    ):
        await maya.post("/demo", data={"handle": "maya.okafor"})
        listed = (await maya.get("/c/old-list")).text
        hidden = re.search(r'href="(/t/\d+/[^"?#]+)', listed)[1]
        pages = [await guest.get(path) for path in (hidden, "/t/99999999/interactive-boards-lose-their-pens")]

    def masked(page: httpx.Response) -> str:
        """Without the request's number and the address that was asked for."""
        return page.text.replace(page.headers["x-request-id"], "").replace(page.url.path, "")

    assert [page.status_code for page in pages] == [404, 404]
    assert masked(pages[0]) == masked(pages[1])

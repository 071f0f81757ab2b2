"""A browser that looks at pages of a forum in this process, and keeps every sign that an attack was more than text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import httpx
import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route
from starlette.applications import Starlette

from tests import tokened
from tests.product.running import free_port

# Told at once, as a page that goes away forgets.
TRIPWIRE = """
    for (const name of ["alert", "confirm", "prompt", "print"])
        window[name] = () => window.tripped(name + " ran");
    document.addEventListener("securitypolicyviolation",
        (broken) => window.tripped(`${broken.violatedDirective} ${broken.blockedURI} ${broken.sample}`));
"""
# What no page of ours holds, whether it would run or not.
FOREIGN = """() => [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes]
    .filter((a) => /^on/i.test(a.name) || a.name === "style" || a.name === "srcdoc" || (
        /^(href|src|action|formaction|xlink:href|data)$/i.test(a.name)
        && /^[\\s\\x00-\\x1f]*(javascript|vbscript|data):/i.test(a.value) && one.tagName !== "IMG"))
    .map((a) => `${one.tagName} ${a.name}=${a.value.slice(0, 60)}`))
    .concat([...document.querySelectorAll("script:not([src]), iframe, object, embed, base, meta[http-equiv]")]
    .map((one) => one.outerHTML.slice(0, 80)))"""


@dataclass
class Lookout:
    """One person's window. `signs` is what should not be, each with the address where it was seen."""

    page: Page
    url: str
    web: httpx.AsyncClient
    signs: list[str] = field(default_factory=list)
    opened: int = 0
    where: str = ""

    def watch(self) -> None:
        self.page.on("dialog", lambda dialog: self.sign(f"dialog {dialog.message}"))
        self.page.on("pageerror", lambda error: self.sign(f"error {error}"))
        self.page.on("console", self._hear)
        self.page.on("request", lambda asked: self._is_ours(asked.url) or self.sign(f"asked for {asked.url}"))

    async def open(self, address: str) -> None:
        self.where = address
        await self.page.goto(self.url + address, wait_until="load")
        self.opened += 1
        for found in await self.page.evaluate(FOREIGN):
            self.sign(found)

    async def show(self, address: str, answer: httpx.Response) -> None:
        """What a form was answered with, as if the browser had sent it."""

        async def fulfil(route: Route) -> None:
            kept = {k: v for k, v in answer.headers.items() if k not in ("content-encoding", "content-length")}
            await route.fulfill(status=answer.status_code, headers=kept, body=answer.content)

        await self.page.route(self.url + address, fulfil, times=1)
        await self.open(address)

    def sign(self, what: str) -> None:
        self.signs.append(f"{self.where}: {what}")

    def _hear(self, line: ConsoleMessage) -> None:
        if line.type == "error" and "status of 4" not in line.text:
            self.sign(line.text)

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.url, "data:", "about:"))


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The forum on a port of its own, in this process. Yields its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off"))
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def lookout_of(browser: Browser, url: str, token: str) -> AsyncIterator[Lookout]:
    """A window in which the session `token` is signed in, "" for a guest."""
    cookies = {"session": token, "demo-guest": "1"} if token else {"demo-guest": "1"}
    context: BrowserContext = await browser.new_context(reduced_motion="reduce")
    async with httpx.AsyncClient(base_url=url, cookies=cookies, event_hooks=tokened.HOOKS, timeout=60) as web:
        try:
            await context.add_cookies([{"name": name, "value": text, "url": url} for name, text in cookies.items()])
            lookout = Lookout(await context.new_page(), url, web)
            await context.expose_function("tripped", lookout.sign)
            await context.add_init_script(TRIPWIRE)
            lookout.watch()
            yield lookout
        finally:
            await context.close()

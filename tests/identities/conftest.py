"""A site on loopback that trusts a provider on loopback, and a browser on it."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from forum.app import build
from forum.identities import providers
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.worker import worker
from tests import tokened
from tests.fakes import FakeMailer
from tests.identities.provider_of_ours import Provider, running

HOME = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def anew() -> Iterator[Callable[[], Provider]]:
    with running() as anew:
        yield anew


@pytest.fixture
def provider(anew) -> Provider:
    return anew()


@pytest.fixture
def home_settings(provider) -> Settings:
    return Settings(
        smtp_url="smtp://127.0.0.1:1",
        oidc_issuer=provider.url,
        oidc_name="Pine County",
        oidc_client_id="ours",
        oidc_client_secret="secret",
    )


@pytest.fixture
def home_tools(db, home_settings) -> Tools:
    return Tools(db=db, mailer=FakeMailer(), settings=home_settings)


@pytest.fixture
async def home(home_tools) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a site that offers to sign in with the provider."""
    async with browser(home_tools) as client:
        yield client


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """Nothing that a provider said is remembered from test to test."""
    monkeypatch.setattr(providers, "_metadata", {})
    monkeypatch.setattr(providers, "_keys", {})


def browser(tools: Tools) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(build(tools)), base_url=HOME, event_hooks=tokened.HOOKS)


async def go(browser: httpx.AsyncClient, provider: Provider, path="/sign-in/with/oidc", **changed) -> httpx.Response:
    """To the provider, say yes there, and back."""
    away = await browser.get(path)
    assert away.status_code == 303, away.text
    return await browser.get(provider.authorize(away.headers["location"], **changed))


@pytest.fixture
def drain_home(home_tools, database_url):
    """Runs the worker of that site until no job is left."""

    async def run_all() -> None:
        await worker(database_url, home_tools).drain()

    return run_all

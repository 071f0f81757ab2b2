"""What a job may reach besides its arguments: made once by the web, the worker or a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from forum.kit.db import Database
from forum.kit.mailer import Mailer
from forum.kit.meili import Meili
from forum.kit.settings import Settings


@dataclass(frozen=True)
class Tools:
    """The running site's database, mailer and settings, and the search engine where it has one."""

    db: Database
    mailer: Mailer
    settings: Settings
    meili: Meili | None = None


Job = Callable[..., Awaitable[None]]

"""What a job may reach besides its arguments: made once by the web, the worker or a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from forum.kit.db import Database
from forum.kit.dns import Dns
from forum.kit.mailer import Mailer
from forum.kit.meili import Meili
from forum.kit.settings import Settings


@dataclass(frozen=True)
class Tools:
    """The running site's database, mailer and settings, the search engine where it has one, and name servers."""

    db: Database
    mailer: Mailer
    settings: Settings
    meili: Meili | None = None
    dns: Dns = field(default_factory=Dns)


Job = Callable[..., Awaitable[None]]

"""Is the process alive, and can it serve: for whoever watches the site."""

from functools import cache

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forum.kit.db import held
from forum.kit.http import db_of
from forum.kit.log import outline
from forum.kit.migrate import Migration, MigrationError, lacking, load

log = structlog.get_logger()


async def alive(request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """The database answers and has exactly this code's migrations; 503 with what is wrong otherwise."""
    try:
        async with held(db_of(request)) as connection:
            missing = await lacking(connection.raw_connection, _migrations())
    except MigrationError:
        return _not_ready("database and code do not fit: forum doctor says why")
    except Exception as error:  # whatever it is, whoever watches needs an answer
        log.warning("not ready", error=outline(error))
        return _not_ready("no database")
    return _not_ready(f"{len(missing)} migrations to apply") if missing else JSONResponse({"status": "ok"})


def _not_ready(status: str) -> Response:
    return JSONResponse({"status": status}, status_code=503)


@cache
def _migrations() -> list[Migration]:
    """Those of this code: they do not change while it runs."""
    return load()


routes = [Route("/healthz", alive), Route("/readyz", ready)]

"""Is the process alive, and can it serve: for whoever watches the site."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forum.kit.db import value
from forum.kit.errors import Unavailable
from forum.kit.http import db_of
from forum.kit.migrate import load
from forum.kit.site import MIGRATIONS


async def alive(request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """The database answers and has every migration; 503 with what is missing otherwise."""
    try:
        applied = await value(db_of(request), "SELECT count(*) FROM schema_migration")
    except Unavailable:
        return JSONResponse({"status": "no database"}, status_code=503)
    missing = len(load(MIGRATIONS)) - applied
    if missing:
        return JSONResponse({"status": f"{missing} migrations to apply"}, status_code=503)
    return JSONResponse({"status": "ok"})


routes = [Route("/healthz", alive), Route("/readyz", ready)]

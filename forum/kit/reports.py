"""Browsers' reports that a page broke the content security policy: one log line, without anybody's words."""

import json
import re
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit import limits
from forum.kit.errors import TooMany
from forum.kit.http import client_block, db_of
from forum.kit.limits import Limit

MAX_REPORT = 16_384
FROM_BLOCK = Limit("csp report", 20, 60)
OF_ALL = Limit("csp report of all", 200, 60)
DIRECTIVE = re.compile(r"[a-z-]{1,40}")
PLAIN_PART = re.compile(r"[a-z-]{1,24}|[0-9]{1,18}")

log = structlog.get_logger()


async def report(request: Request) -> Response:
    """Note which directive was broken on which page; always 204, so that nobody learns anything from it."""
    body = await request.body()
    if len(body) <= MAX_REPORT and (said := _said(body)):
        try:
            await limits.take(db_of(request), FROM_BLOCK, client_block(request))
            await limits.take(db_of(request), OF_ALL)
        except TooMany:
            return Response(status_code=204)
        log.warning("policy broken", directive=said[0], path=said[1])
    return Response(status_code=204)


def _said(body: bytes) -> tuple[str, str] | None:
    """The directive and the page's path; parts that may be secrets or titles are masked."""
    try:
        told = json.loads(body)["csp-report"]
        directive = str(told.get("effective-directive") or told.get("violated-directive"))
        path = urlsplit(str(told.get("document-uri", ""))).path
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not DIRECTIVE.fullmatch(directive):
        return None
    return directive, "/".join(part if PLAIN_PART.fullmatch(part) else part and "…" for part in path.split("/")[:6])


routes = [Route("/csp-report", report, methods=["POST"])]

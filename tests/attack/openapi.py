"""A description of every route in OpenAPI, for programs that read one: paths, places, query words, form fields."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import forum
from forum.wiring import DEMO_ROUTES, ROUTES
from tests.fields import fields_of
from tests.routes import PLACE

SOURCE = "".join(path.read_text() for path in sorted(Path(forum.__file__).parent.rglob("*.py")))
# Every word of an address that any page reads; each page gets all of them.
QUERY = sorted(set(re.findall(r'query_params\.get\("(\w+)"', SOURCE)) | {"by", "act", "quote", "version", "steps"})
# Words with which a form or a path gets further than the door.
GOOD: dict[str, tuple[str, ...]] = {
    "category": ("help", "security"),
    "kind": ("question", "discussion"),
    "title": ("A title that is long enough",),
    "body": ("Some words.",),
    "slug": ("help", "renewals"),
    "order": ("latest", "unanswered", "time", "helpful"),
    "handle": ("maya.okafor", "omar.haddad"),
    "name": ("keyboard", "Ann"),
    "provider": ("google",),
    "method": ("link", "google"),
    "version": ("1",),
    "address": ("ann@pine.example",),
    "next": ("/", "/settings"),
    "period": ("week", "all"),
    "decision": ("approve", "refuse"),
    "act": ("lock", "pin"),
    "deed": ("keep", "approve"),
    "theme": ("dark",),
}


def description(*, only: Callable[[str, str], bool] = lambda method, path: True) -> dict[str, Any]:
    """Everything the demo answers to. only: which methods and paths."""
    paths: dict[str, Any] = {}
    for route in (*ROUTES, *DEMO_ROUTES):
        for method in sorted(route.methods - {"HEAD"}):
            if only(method, route.path):
                path = PLACE.sub(lambda place: f"{{{place[1]}}}", route.path)
                paths.setdefault(path, {})[method.lower()] = _operation(method, route)
    return {"openapi": "3.0.3", "info": {"title": "Staffroom", "version": "1"}, "paths": paths}


def _operation(method: str, route: Any) -> dict[str, Any]:
    parts = [_parameter("path", place[1], "int" in place[0]) for place in PLACE.finditer(route.path)]
    parts += [_parameter("query", name, False) for name in (QUERY if method == "GET" else ())]
    operation: dict[str, Any] = {"parameters": parts, "responses": {"default": {"description": "A page"}}}
    if method != "GET" and (fields := fields_of(route.endpoint)):
        schema = {"type": "object", "properties": {name: _schema(name) for name in fields}}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    return operation


def _parameter(place: str, name: str, is_id: bool) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": 40} if is_id else _schema(name)
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _schema(name: str) -> dict[str, Any]:
    any_text: dict[str, Any] = {"type": "string"}
    return {"anyOf": [any_text, {"type": "string", "enum": list(GOOD[name])}]} if name in GOOD else any_text

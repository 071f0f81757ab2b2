"""Which fields each form of the forum takes, as its view names them when it reads the form."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from textwrap import dedent
from typing import Any

from forum.wiring import DEMO_ROUTES, ROUTES
from tests.routes import UNSAFE


def forms() -> dict[str, tuple[str, ...]]:
    """The fields of each form by its path; several views may answer under one."""
    known: dict[str, tuple[str, ...]] = {}
    for route in (*ROUTES, *DEMO_ROUTES):
        if route.methods & set(UNSAFE):
            known[route.path] = tuple(dict.fromkeys((*known.get(route.path, ()), *fields_of(route.endpoint))))
    return known


def fields_at(url: str) -> tuple[str, ...]:
    """The fields of the form that is sent to `url`."""
    routes = (route for route in (*ROUTES, *DEMO_ROUTES) if route.methods & set(UNSAFE))
    return next((fields_of(route.endpoint) for route in routes if route.path_regex.match(url.split("?")[0])), ())


def reads_form(view: Callable[..., Any]) -> bool:
    """Whether it reads its form strictly, so that an unknown field is refused."""
    return bool(list(_readings(view, set())))


@cache
def fields_of(view: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in _readings(view, set()) for name in names))


def _readings(view: Callable[..., Any], seen: set[object]) -> Iterator[list[str]]:
    """The names in each call of form_of, in `view` and in the functions of ours that it calls."""
    view = inspect.unwrap(view)
    if view in seen or not getattr(view, "__module__", "").startswith("forum."):
        return
    seen.add(view)
    known = {**vars(sys.modules[view.__module__]), **inspect.getclosurevars(view).nonlocals}
    for call in (node for node in ast.walk(ast.parse(dedent(inspect.getsource(view)))) if isinstance(node, ast.Call)):
        called = call.func.id if isinstance(call.func, ast.Name) else ""
        if called == "form_of":
            given = [*call.args[1:], *(ast.Starred(word.value, ast.Load()) for word in call.keywords)]
            listed = ast.fix_missing_locations(ast.Expression(ast.List(given, ast.Load())))
            yield list(eval(compile(listed, "fields", "eval"), known))  # noqa: S307 - the forum's own words
        elif inspect.isfunction(known.get(called)) and called != "render":
            yield from _readings(known[called], seen)

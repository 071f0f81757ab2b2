"""HTTP of administering categories: the list in its order, a form for each, and what happens to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import edit, order, register, remove
from forum.categories.commands import add_category
from forum.categories.policy import may_remove
from forum.categories.register import Group, Row
from forum.categories.types import FIELDS, KINDS, MANY, PALETTE, CategoryDraft
from forum.kit.errors import Invalid, Stale, Verdict
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members.policy import require_admin

Choice = tuple[str, str]
CHANGED = "Somebody else changed this category since you opened it. Compare, and save again to replace their change."


@dataclass(frozen=True)
class RegisterPage:
    """Every category, in order."""

    rows: Sequence[Row]


@dataclass(frozen=True)
class CategoryPage:
    """The form of a category; id 0 is one to be made."""

    id: int
    version: int
    draft: CategoryDraft
    problems: dict[str, str]
    parents: Sequence[Choice]
    kinds: Sequence[Choice]
    palette: Sequence[Choice]
    groups: Sequence[Group]
    may_remove: Verdict

    @property
    def path(self) -> str:
        return f"/admin/categories/{self.id or 'new'}"

    @property
    def is_own_colour(self) -> bool:
        return self.draft.colour not in dict(self.palette)


async def index(request: Request) -> Response:
    """Every category, with what is out of the ordinary about it."""
    require_admin(request.state.actor)
    return render(request, "categories/register.html", RegisterPage(await register.register(db_of(request))))


async def new(request: Request) -> Response:
    """The form for one more."""
    require_admin(request.state.actor)
    return await _form(request, CategoryDraft("", ""))


async def create(request: Request) -> Response:
    """Make it."""
    require_admin(request.state.actor)
    draft = CategoryDraft.from_form(await form_of(request, *FIELDS, many=MANY))
    try:
        category_id = await add_category(db_of(request), draft, actor=request.state.actor)
    except Invalid as problem:
        return await _form(request, draft, problems=problem.fields, status=422)
    return redirect(f"/admin/categories?notice=category-added#category-{category_id}")


async def show(request: Request) -> Response:
    """The form of one that is there."""
    require_admin(request.state.actor)
    kept = await register.category(db_of(request), path_id(request, "category_id"))
    return await _form(request, kept.draft, kept.id, kept.version, verdict=may_remove(kept))


async def save(request: Request) -> Response:
    """Change it."""
    require_admin(request.state.actor)
    category_id = path_id(request, "category_id")
    form = await form_of(request, *FIELDS, "version", many=MANY)
    draft, version = CategoryDraft.from_form(form), form.whole("version") or 0
    db = db_of(request)
    kept = await register.category(db, category_id)
    try:
        await edit.edit(db, request.state.actor, category_id, draft, version=version)
    except Invalid as problem:
        return await _form(request, draft, category_id, version, problem.fields, 422, may_remove(kept))
    except Stale:
        return await _form(request, draft, category_id, kept.version, {"form": CHANGED}, 409, may_remove(kept))
    return redirect(f"/admin/categories/{category_id}?notice=saved")


async def move(request: Request) -> Response:
    """One step up or down."""
    require_admin(request.state.actor)
    category_id = path_id(request, "category_id")
    direction = (await form_of(request, "direction")).one_of("direction", tuple(order.STEPS))
    await order.move(db_of(request), request.state.actor, category_id, direction)
    return redirect(f"/admin/categories#category-{category_id}")


async def drop(request: Request) -> Response:
    """Remove it, when nothing is in it."""
    require_admin(request.state.actor)
    await form_of(request)
    await remove.remove(db_of(request), request.state.actor, path_id(request, "category_id"))
    return redirect("/admin/categories?notice=category-removed")


async def _form(
    request: Request,
    draft: CategoryDraft,
    category_id: int = 0,
    version: int = 0,
    problems: dict[str, str] | None = None,
    status: int = 200,
    verdict: Verdict | None = None,
) -> Response:
    db = db_of(request)
    rows = await register.register(db)
    page = CategoryPage(
        id=category_id,
        version=version,
        draft=draft,
        problems=problems or {},
        parents=[("", "None: on the upper level")]
        + [(row.slug, row.name) for row in rows if row.parent_id is None and row.id != category_id],
        kinds=[(kind, kind.capitalize()) for kind in KINDS],
        palette=PALETTE,
        groups=await register.groups(db),
        may_remove=verdict or Verdict("It is not there yet."),
    )
    return render(request, "categories/form.html", page, status)


routes = [
    Route("/admin/categories", index),
    Route("/admin/categories/new", new),
    Route("/admin/categories/new", create, methods=["POST"]),
    Route("/admin/categories/{category_id:int}", show),
    Route("/admin/categories/{category_id:int}", save, methods=["POST"]),
    Route("/admin/categories/{category_id:int}/move", move, methods=["POST"]),
    Route("/admin/categories/{category_id:int}/delete", drop, methods=["POST"]),
]

"""HTTP of administering products: adding, changing and merging them, their kinds, and who speaks for a vendor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories.queries import categories
from forum.kit.errors import Invalid, Stale
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.products import commands, queries, review_queries, reviewing, speaking
from forum.products.types import (
    PRODUCT_FIELDS,
    STATUSES,
    Category,
    Product,
    ProductDraft,
    Vendor,
    VendorPerson,
    kind_choices,
)

CHANGED = "Somebody else changed this product since you opened it. Compare, and save again to replace their change."


@dataclass(frozen=True)
class KindsPage:
    """The kinds of products, and the form for one more."""

    actor: Actor
    categories: Sequence[Category]
    category_name: str
    review_categories: Sequence[tuple[str, str]]
    review_category: str
    problems: Mapping[str, str]


@dataclass(frozen=True)
class ProductFormPage:
    """The form of a product; without `product` it is one to be made."""

    actor: Actor
    product: Product | None
    version: int
    draft: ProductDraft
    kinds: Sequence[tuple[str, str]]
    statuses: Mapping[str, str]
    into: str
    problems: Mapping[str, str]

    @property
    def path(self) -> str:
        return f"/admin/products/{self.product.slug if self.product else 'new'}"


@dataclass(frozen=True)
class SpeakersPage:
    """The accounts that speak for a vendor."""

    actor: Actor
    vendor: Vendor
    people: Sequence[VendorPerson]
    handle: str
    problems: Mapping[str, str]


async def kinds(request: Request) -> Response:
    """The kinds of products."""
    require_admin(request.state.actor)
    return await _kinds(request)


async def add_kind(request: Request) -> Response:
    """One more kind of products."""
    require_admin(request.state.actor)
    name = (await form_of(request, "category_name")).get("category_name", "")
    try:
        await commands.add_category(db_of(request), name, actor=request.state.actor)
    except Invalid as problem:
        return await _kinds(request, name, problem.fields, 422)
    return redirect("/admin/products?notice=saved")


async def choose_place(request: Request) -> Response:
    """Where the threads of reviews begin."""
    require_admin(request.state.actor)
    slug = (await form_of(request, "review_category")).get("review_category", "")
    try:
        await reviewing.choose_place(db_of(request), request.state.actor, slug)
    except Invalid as problem:
        return await _kinds(request, problems=problem.fields, status=422)
    return redirect("/admin/products?notice=saved")


async def new(request: Request) -> Response:
    """The form for one more product."""
    require_admin(request.state.actor)
    return await _form(request, None, ProductDraft("", "", ""))


async def create(request: Request) -> Response:
    """Add it."""
    require_admin(request.state.actor)
    draft = ProductDraft.from_form(await form_of(request, *PRODUCT_FIELDS))
    try:
        await commands.add(db_of(request), draft, actor=request.state.actor)
    except Invalid as problem:
        return await _form(request, None, draft, problems=problem.fields, status=422)
    return redirect("/products?notice=saved")


async def edit(request: Request) -> Response:
    """The form of a product that is there."""
    require_admin(request.state.actor)
    product = await _product(request)
    return await _form(request, product, _draft(product), version=product.version)


async def save(request: Request) -> Response:
    """Change it."""
    require_admin(request.state.actor)
    product = await _product(request)
    form = await form_of(request, *PRODUCT_FIELDS, "version")
    draft, version = ProductDraft.from_form(form), form.whole("version") or 0
    try:
        await commands.edit(db_of(request), request.state.actor, product.id, draft, version=version)
    except Invalid as problem:
        return await _form(request, product, draft, version=version, problems=problem.fields, status=422)
    except Stale:
        newest = await _product(request)
        return await _form(request, newest, draft, version=newest.version, problems={"form": CHANGED}, status=409)
    return redirect(f"{product.path}?notice=saved")


async def merge(request: Request) -> Response:
    """Make it one with another product."""
    require_admin(request.state.actor)
    product = await _product(request)
    into = (await form_of(request, "into")).get("into", "")
    try:
        also = request.app.state.product_merges
        path = await commands.merge(db_of(request), request.state.actor, product.id, into, also)
    except Invalid as problem:
        return await _form(
            request,
            product,
            _draft(product),
            version=product.version,
            into=into,
            problems=problem.fields,
            status=422,
        )
    return redirect(f"{path}?notice=products-merged")


async def speakers(request: Request) -> Response:
    """Who speaks for a vendor."""
    require_admin(request.state.actor)
    return await _speakers(request)


async def let_speak(request: Request) -> Response:
    """One more account speaks for it."""
    require_admin(request.state.actor)
    handle = (await form_of(request, "handle")).get("handle", "")
    vendor = await _vendor(request)
    try:
        await speaking.let_speak(db_of(request), request.state.actor, vendor.id, handle)
    except Invalid as problem:
        return await _speakers(request, handle, problem.fields, 422)
    return redirect(f"/admin/vendors/{vendor.slug}?notice=saved")


async def let_go(request: Request) -> Response:
    """An account does not speak for it any more."""
    require_admin(request.state.actor)
    await form_of(request)
    vendor = await _vendor(request)
    await speaking.let_go(db_of(request), request.state.actor, vendor.id, path_id(request, "member_id"))
    return redirect(f"/admin/vendors/{vendor.slug}?notice=saved")


async def _product(request: Request) -> Product:
    return await queries.product(db_of(request), request.state.actor, request.path_params["slug"])


async def _vendor(request: Request) -> Vendor:
    return await queries.vendor(db_of(request), request.state.actor, request.path_params["slug"])


def _draft(product: Product) -> ProductDraft:
    return ProductDraft(
        product.name,
        product.vendor_name,
        product.category_slug,
        product.about,
        product.website,
        product.status,
        "\n".join(product.other_names),
    )


async def _kinds(
    request: Request, name: str = "", problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    db, actor = db_of(request), request.state.actor
    places = [("", "The first one that is for reviews"), *((c.slug, c.name) for c in await categories(db, actor))]
    chosen = await review_queries.place_slug(db)
    page = KindsPage(actor, await queries.categories(db, actor), name, places, chosen, problems or {})
    return render(request, "products/kinds.html", page, status)


async def _form(
    request: Request,
    product: Product | None,
    draft: ProductDraft,
    *,
    version: int = 0,
    into: str = "",
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    actor = request.state.actor
    kinds = kind_choices(await queries.kinds(db_of(request)), "Choose one")
    page = ProductFormPage(actor, product, version, draft, kinds, STATUSES, into, problems or {})
    return render(request, "products/form.html", page, status)


async def _speakers(
    request: Request, handle: str = "", problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    vendor = await _vendor(request)
    people = await queries.vendor_people(db_of(request), vendor.id)
    page = SpeakersPage(request.state.actor, vendor, people, handle, problems or {})
    return render(request, "products/speakers.html", page, status)


routes = [
    Route("/admin/products", kinds),
    Route("/admin/products", add_kind, methods=["POST"]),
    Route("/admin/products/reviews", choose_place, methods=["POST"]),
    Route("/admin/products/new", new),
    Route("/admin/products/new", create, methods=["POST"]),
    Route("/admin/products/{slug}", edit),
    Route("/admin/products/{slug}", save, methods=["POST"]),
    Route("/admin/products/{slug}/merge", merge, methods=["POST"]),
    Route("/admin/vendors/{slug}", speakers),
    Route("/admin/vendors/{slug}", let_speak, methods=["POST"]),
    Route("/admin/vendors/{slug}/people/{member_id:int}/remove", let_go, methods=["POST"]),
]

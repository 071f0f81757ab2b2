"""Fills the demo's catalogue: products, which districts run them, who speaks for vendors, what is suggested."""

from collections.abc import Iterator

from forum.demo.chance import share
from forum.demo.settling import Ground
from forum.demo.types import Catalogue, Product
from forum.kit.db import Database
from forum.members.queries import actor
from forum.products import commands, queries, speaking, suggesting
from forum.products.bulk import KnownUse, insert_uses
from forum.products.types import ProductDraft, SuggestionDraft

STAFF = "ines.varga"


async def stock(db: Database, catalogue: Catalogue, ground: Ground) -> None:
    """Add all of it."""
    kinds = {kind: await commands.add_category(db, kind) for kind in catalogue.kinds}
    uses: list[KnownUse] = []
    for product in catalogue.products:
        others = "\n".join(product.other_names)
        draft = ProductDraft(
            product.name, product.vendor, kinds[product.kind], product.about, "", product.status, others
        )
        product_id = await commands.add(db, draft)
        uses += _uses(product, product_id, ground)
    await insert_uses(db, uses)
    staff = await actor(db, ground.members[STAFF])
    for speaker in catalogue.speakers:
        await speaking.let_speak(db, staff, await queries.vendor_called(db, speaker.vendor) or 0, speaker.by)
    for each in catalogue.suggestions:
        wish = SuggestionDraft(each.name, each.vendor, kinds[each.kind], each.website, each.note)
        await suggesting.suggest(db, await actor(db, ground.members[each.by]), wish)


def _uses(product: Product, product_id: int, ground: Ground) -> Iterator[KnownUse]:
    """The districts that run it, and since when, as chance has it."""
    this_year = ground.now.year
    for name, district_id in ground.districts.items():
        if share(product.name, name) >= product.share:
            continue
        since = this_year - 1 - int(share(product.name, name, "since") * 8)
        has_left = share(product.name, name, "left") < product.left
        yield KnownUse(product_id, district_id, since, this_year - 1 if has_left else None)

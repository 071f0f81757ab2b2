"""Reads of reviews. Whose readers may read the thread of a review read it here too; prices and writers are apart."""

from dataclasses import dataclass

from forum.categories.policy import READABLE, READABLE_THREAD, READER
from forum.categories.types import Rights
from forum.kit.db import Database, first, many, one, rows, value
from forum.members.types import Actor
from forum.products.policy import SEEN
from forum.products.review_types import STARS, Answering, OwnReview, PriceDraft, Review, ReviewDraft, ReviewsSought
from forum.products.score_types import Choosing, Peers, Rival
from forum.products.scoring import OF_PEERS, peer_values
from forum.products.types import UseDraft
from forum.threads.policy import THREAD_THERE
from forum.threads.queries import HANDLE

REVIEWS_A_PAGE = 20
IS_OLD = "rv.said_at < now() - interval '11 months'"

# A page of reviews: first which, then what stands beside each. One statement where peers are asked for and one where
# they are not: it is planned once then, and not for each reader.
REVIEWS_SQL = {
    WHICH: f"""
    SELECT rv.id, p.id AS post_id, p.number, w.thread_path, rv.stars, p.html, rv.created_at, rv.said_at,
           p.helpful_count, rv.left_year IS NOT NULL AS has_left, rv.has_conflict, rv.is_set_aside, rv.is_unnamed,
           a.name AS author_name, {HANDLE} AS author_handle, a.title AS author_title, d.name AS author_district,
           d.enrolment AS author_enrolment, coalesce(yp.html, '') AS answer_html,
           coalesce(ya.name, '') AS answer_name, coalesce(yv.name, '') AS answer_vendor, yp.created_at AS answer_at,
           coalesce(y.member_id = :actor_id, false) AS is_answer_mine
    FROM (
        SELECT rv.id, '/t/' || t.id || '/' || t.slug AS thread_path
        FROM review rv
        JOIN post p ON p.id = rv.post_id AND p.deleted_at IS NULL
        JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
        JOIN category c ON c.id = t.category_id
        JOIN member a ON a.id = p.author_id
        LEFT JOIN district d ON d.id = a.district_id
        {READER}
        WHERE rv.product_id = :product_id AND {READABLE_THREAD} AND {THREAD_THERE} {WHICH}
          AND rv.stars BETWEEN :least_stars AND :most_stars
          AND (rv.said_at, rv.id) < (
              SELECT coalesce(max(o.said_at), 'infinity'), coalesce(max(o.id), 0) FROM review o WHERE o.id = :after
          )
        ORDER BY rv.said_at DESC, rv.id DESC
        LIMIT :page
    ) w
    JOIN review rv ON rv.id = w.id
    JOIN post p ON p.id = rv.post_id
    JOIN member a ON a.id = p.author_id
    LEFT JOIN district d ON d.id = a.district_id
    LEFT JOIN (vendor_answer y JOIN post yp ON yp.id = y.post_id AND yp.deleted_at IS NULL) ON y.review_id = rv.id
    LEFT JOIN member ya ON ya.id = yp.author_id
    LEFT JOIN vendor yv ON yv.id = y.vendor_id
    ORDER BY rv.said_at DESC, rv.id DESC
    """
    for WHICH in ("", OF_PEERS)
}


async def reviews(db: Database, actor: Actor, product_id: int, sought: ReviewsSought, peers: Peers) -> list[Review]:
    """A page of a product's reviews by `peers`, newest word first, and one more if there is another page."""
    return await many(
        db,
        Review,
        REVIEWS_SQL["" if peers.is_anybody else OF_PEERS],
        actor_id=actor.id,
        product_id=product_id,
        least_stars=sought.stars or min(STARS),
        most_stars=sought.stars or max(STARS),
        after=sought.after,
        page=REVIEWS_A_PAGE + 1,
        **peer_values(peers),
    )


OWN_SQL = f"""
    SELECT rv.id, rv.stars, rv.works, rv.lacks, rv.promise, rv.rollout, rv.support, rv.worth, rv.privacy, rv.to_ask,
           rv.since_year, rv.left_year, rv.left_for, rv.would_renew, rv.renew_if, rv.has_conflict, rv.is_unnamed,
           rv.version, rv.said_at, {IS_OLD} AS is_old, p.id AS post_id, p.deleted_at IS NOT NULL AS is_gone,
           p.deleted_at IS NOT NULL AND p.deleted_by IS DISTINCT FROM p.author_id AS is_hidden,
           x.cents, coalesce(x.unit, 'student') AS unit, x.term_months, coalesce(x.included, '') AS included, x.ends_on
    FROM review rv
    JOIN post p ON p.id = rv.post_id
    LEFT JOIN review_price x ON x.review_id = rv.id
    WHERE rv.product_id = :product_id AND rv.member_id = :member_id
"""
DRAFTED = (
    *("stars", "works", "lacks", "promise", "rollout", "support", "worth", "privacy", "to_ask", "left_for"),
    *("would_renew", "renew_if", "has_conflict", "is_unnamed", "version"),
)
PRICED = ("cents", "unit", "term_months", "included", "ends_on")
ABOUT = ("id", "post_id", "is_gone", "is_hidden", "said_at", "is_old")


async def own_review(db: Database, actor: Actor, product_id: int) -> OwnReview | None:
    """What `actor` has written about a product, with the price; None before they have."""
    found = await rows(db, OWN_SQL, product_id=product_id, member_id=actor.id)
    if not found:
        return None
    row = found[0]
    draft = ReviewDraft(
        **{name: row[name] for name in DRAFTED},
        use=UseDraft(row["since_year"], row["left_year"]),
        price=PriceDraft(**{name: row[name] for name in PRICED}),
    )
    return OwnReview(draft=draft, **{name: row[name] for name in ABOUT})


@dataclass(frozen=True)
class Place:
    """The category where review threads begin, with who may reply there."""

    category_id: int
    reply_by: str
    reply_groups: tuple[int, ...]
    lets_vendors_in: bool
    is_archived: bool

    @property
    def rights(self) -> Rights:
        groups = frozenset(self.reply_groups)
        return Rights(self.category_id, self.reply_by, groups, self.lets_vendors_in, self.is_archived)


CHOSEN_PLACE = """coalesce(
    (SELECT e.category_id FROM review_place e),
    (SELECT o.id FROM category o WHERE o.default_kind = 'review' AND NOT o.is_hidden AND NOT o.is_archived
     ORDER BY o.position, o.id LIMIT 1)
)"""
PLACE_SQL = f"""
    SELECT c.id AS category_id, c.reply_by,
           ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'reply')
               AS reply_groups,
           c.lets_vendors_in, c.is_archived
    FROM category c
    {READER}
    WHERE {READABLE} AND c.id = {CHOSEN_PLACE}
"""


async def place(db: Database, actor: Actor) -> Place | None:
    """The category where review threads begin; None when there is none that `actor` may read."""
    return await first(db, Place, PLACE_SQL, actor_id=actor.id)


async def any_place(db: Database) -> int | None:
    """The id of the category where review threads begin, whoever reads it."""
    found: int | None = await value(db, f"SELECT {CHOSEN_PLACE}")
    return found


async def place_slug(db: Database) -> str:
    """The address of the category that an administrator chose for review threads, or ""."""
    chosen = await value(
        db, "SELECT c.slug FROM review_place e JOIN category c ON c.id = e.category_id ORDER BY c.id LIMIT 1"
    )
    return chosen or ""


async def rooms_of(db: Database, product_id: int) -> tuple[int, tuple[int, ...]]:
    """A product's vendor, and the threads in which its reviews stand, whoever may read them."""
    found = await rows(
        db,
        """
        SELECT pr.vendor_id, ARRAY(
            SELECT pr.review_thread_id WHERE pr.review_thread_id IS NOT NULL
            UNION SELECT p.thread_id FROM review rv JOIN post p ON p.id = rv.post_id WHERE rv.product_id = pr.id
            UNION SELECT p.thread_id FROM owner_question q JOIN post p ON p.id = q.post_id WHERE q.product_id = pr.id
        ) AS thread_ids
        FROM product pr
        WHERE pr.id = :product_id
        """,
        product_id=product_id,
    )
    return found[0]["vendor_id"], tuple(found[0]["thread_ids"])


async def rivals(db: Database, actor: Actor, product_id: int) -> list[Rival]:
    """Up to five other products of the same kind that are sold today, the best liked first."""
    return await many(
        db,
        Rival,
        f"""
        SELECT pr.slug, pr.name, s.score, coalesce(s.districts, 0) AS districts
        FROM product pr
        LEFT JOIN product_score s ON s.product_id = pr.id
        {READER}
        WHERE pr.category_id = (SELECT o.category_id FROM product o WHERE o.id = :product_id)
          AND pr.id <> :product_id AND pr.status = 'current' AND {SEEN}
        ORDER BY s.score DESC NULLS LAST, lower(pr.name), pr.id
        LIMIT 5
        """,
        actor_id=actor.id,
        product_id=product_id,
    )


async def band_is_safe(db: Database, product_id: int, district_id: int | None, least: int, most: int) -> bool:
    """Whether at least three other districts of a size run or ran a product, by what members say, and have not
    reviewed it under a name: the one that is not named does not stand out then."""
    found: bool = await value(
        db,
        """
        SELECT count(*) >= 3
        FROM product_use u JOIN district d ON d.id = u.district_id
        WHERE u.product_id = :product_id AND d.enrolment >= :least AND d.enrolment < :most
          AND d.id IS DISTINCT FROM :district_id AND NOT EXISTS (
              SELECT 1 FROM review rv
              WHERE rv.product_id = u.product_id AND rv.district_id = d.id AND NOT rv.is_unnamed
          )
        """,
        product_id=product_id,
        district_id=district_id,
        least=least,
        most=most,
    )
    return found


async def enrolment(db: Database, district_id: int | None) -> int | None:
    """How many students a district has."""
    found: int | None = await value(
        db, "SELECT d.enrolment FROM district d WHERE d.id = :district_id", district_id=district_id
    )
    return found


async def choosing(db: Database, actor: Actor) -> Choosing:
    """Whom `actor` chose as peers the last time, and the states there are to choose from."""
    found = await rows(
        db,
        """
        SELECT e.size, e.state, e.locale, e.standing, e.years, ARRAY(
                   SELECT DISTINCT d.state FROM district d WHERE d.state <> '' ORDER BY d.state LIMIT 100
               ) AS states
        FROM (SELECT 1) one
        LEFT JOIN peer_choice e ON e.member_id = :member_id
        """,
        member_id=actor.id,
    )
    *chosen, states = found[0].values()
    return Choosing.of(Peers() if chosen[0] is None else Peers(*chosen), states)


ANSWERING_SQL = f"""
    SELECT rv.id AS review_id, pr.slug AS product_slug, pr.name AS product_name, pr.vendor_id, t.category_id,
           p.thread_id, p.html AS review_html, a.name AS writer,
           EXISTS (SELECT 1 FROM vendor_account va WHERE va.member_id = r.id AND va.vendor_id = pr.vendor_id) AS is_own,
           p.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL AS is_gone,
           CAST(floor(extract(epoch FROM now() - y.created_at) / 86400) AS integer) AS days,
           coalesce(yp.source, '') AS body, coalesce(y.version, 0) AS version, y.post_id AS answer_post_id
    FROM review rv
    JOIN product pr ON pr.id = rv.product_id
    JOIN post p ON p.id = rv.post_id
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    LEFT JOIN vendor_answer y ON y.review_id = rv.id
    LEFT JOIN post yp ON yp.id = y.post_id
    WHERE rv.id = :review_id AND {READABLE_THREAD} AND {THREAD_THERE} AND {SEEN}
"""


async def answering(db: Database, actor: Actor, review_id: int) -> Answering:
    """A review with what its vendor has answered. Raises NotFound."""
    return await one(db, Answering, ANSWERING_SQL, actor_id=actor.id, review_id=review_id)


@dataclass(frozen=True)
class Writer:
    """Who wrote a review. `name` is "" where the account is gone."""

    review_id: int
    product_slug: str
    product_name: str
    name: str
    handle: str
    district_name: str


async def writer(db: Database, review_id: int) -> Writer:
    """Who wrote a review, for those whom `may_see_writer` lets. Raises NotFound."""
    return await one(
        db,
        Writer,
        """
        SELECT rv.id AS review_id, pr.slug AS product_slug, pr.name AS product_name, coalesce(m.name, '') AS name,
               coalesce(m.handle, '') AS handle, d.name AS district_name
        FROM review rv
        JOIN product pr ON pr.id = rv.product_id
        JOIN district d ON d.id = rv.district_id
        LEFT JOIN member m ON m.id = rv.member_id
        WHERE rv.id = :review_id
        """,
        review_id=review_id,
    )

-- Why: reviews are posts with a rating beside them; scores and prices follow from them; some authors are not named.
-- Safe online: new tables, one new column, and checks that become wider and are not asked of old rows again.
SET LOCAL lock_timeout = '4s';

-- Posts whose text a form owns. A stand-in writes for those who are not named: "A district with 2,500 to 4,999 students".
ALTER TABLE post DROP CONSTRAINT post_format_check;
ALTER TABLE post ADD CONSTRAINT post_format_check CHECK (format IN ('markdown', 'mail', 'form')) NOT VALID;
ALTER TABLE member DROP CONSTRAINT member_state_check;
ALTER TABLE member ADD CONSTRAINT member_state_check
    CHECK (state IN ('active', 'unclaimed', 'suspended', 'deactivated', 'deleted', 'unnamed')) NOT VALID;
CREATE UNIQUE INDEX member_unnamed ON member (name) WHERE state = 'unnamed';

-- In which category review threads begin; none: the first one that is for reviews.
CREATE TABLE review_place (
    is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE
);
CREATE INDEX review_place_category ON review_place (category_id);
ALTER TABLE product ADD review_thread_id bigint REFERENCES thread ON DELETE SET NULL;
CREATE UNIQUE INDEX product_review_thread ON product (review_thread_id);

-- Who wrote a review stands here alone; the author of its post may be a stand-in. `size` is what a stand-in shows.
CREATE TABLE review (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id    bigint NOT NULL REFERENCES product,
    member_id     bigint REFERENCES member ON DELETE SET NULL,
    district_id   bigint NOT NULL REFERENCES district,
    post_id       bigint NOT NULL UNIQUE REFERENCES post ON DELETE CASCADE,
    stars         smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    promise       smallint CHECK (promise BETWEEN 1 AND 5),
    rollout       smallint CHECK (rollout BETWEEN 1 AND 5),
    support       smallint CHECK (support BETWEEN 1 AND 5),
    worth         smallint CHECK (worth BETWEEN 1 AND 5),
    privacy       smallint CHECK (privacy BETWEEN 1 AND 5),
    works         text NOT NULL DEFAULT '' CHECK (length(works) <= 4000),
    lacks         text NOT NULL DEFAULT '' CHECK (length(lacks) <= 4000),
    to_ask        text NOT NULL DEFAULT '' CHECK (length(to_ask) <= 1000),
    since_year    smallint CHECK (since_year BETWEEN 1970 AND 2100),
    left_year     smallint CHECK (left_year BETWEEN 1970 AND 2100 AND left_year >= coalesce(since_year, 1970)),
    left_for      text NOT NULL DEFAULT '' CHECK (length(left_for) <= 120),
    would_renew   text NOT NULL DEFAULT '' CHECK (would_renew IN ('', 'yes', 'only_if', 'no')),
    renew_if      text NOT NULL DEFAULT '' CHECK (length(renew_if) <= 300),
    has_conflict  boolean NOT NULL DEFAULT false,
    is_unnamed    boolean NOT NULL DEFAULT false,
    size          text NOT NULL DEFAULT '' CHECK (length(size) <= 40),
    is_set_aside  boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    said_at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX review_of_member ON review (product_id, member_id);
CREATE INDEX review_newest ON review (product_id, said_at DESC, id DESC);
CREATE INDEX review_member ON review (member_id);
CREATE INDEX review_district ON review (district_id);

-- What a review says of money: apart, so that no query of reviews can show it.
CREATE TABLE review_price (
    review_id    bigint PRIMARY KEY REFERENCES review ON DELETE CASCADE,
    cents        integer CHECK (cents BETWEEN 1 AND 100000000),
    unit         text NOT NULL DEFAULT 'student' CHECK (unit IN ('student', 'device')),
    term_months  smallint CHECK (term_months BETWEEN 1 AND 120),
    included     text NOT NULL DEFAULT '' CHECK (length(included) <= 300),
    ends_on      date,
    said_at      timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    published_unit text CHECK (published_unit IN ('student', 'device'))
);
CREATE INDEX review_price_waiting ON review_price (said_at) WHERE cents IS NOT NULL;
-- Prices of at least five districts at once, without the districts. A block is never changed, so that no value that
-- comes from blocks differs from another by fewer districts than a block has.
CREATE TABLE price_block (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id   bigint NOT NULL REFERENCES product ON DELETE CASCADE,
    unit         text NOT NULL CHECK (unit IN ('student', 'device')),
    districts    smallint NOT NULL CHECK (districts >= 5),
    least        integer NOT NULL,
    most         integer NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX price_block_product ON price_block (product_id);
CREATE TABLE published_price (
    block_id     bigint NOT NULL REFERENCES price_block ON DELETE CASCADE,
    place        smallint NOT NULL,
    cents        integer NOT NULL,
    term_months  smallint,
    PRIMARY KEY (block_id, place)
);

-- How the districts of a kind of products rate: what a score leans on while there are few. Written each night.
CREATE TABLE category_stars (
    category_id  bigint PRIMARY KEY REFERENCES product_category ON DELETE CASCADE,
    shares       real[] NOT NULL CHECK (cardinality(shares) = 5),
    counted_at   timestamptz NOT NULL DEFAULT now()
);
-- What follows from the reviews of a product; score, low and high are NULL below three districts.
CREATE TABLE product_score (
    product_id   bigint PRIMARY KEY REFERENCES product ON DELETE CASCADE,
    reviews      integer NOT NULL,
    districts    integer NOT NULL,
    score        real,
    low          real,
    high         real,
    year_ago     real,
    would_renew  real,
    renewing     integer NOT NULL DEFAULT 0,
    by_stars     integer[] NOT NULL CHECK (cardinality(by_stars) = 5),
    parts        real[] NOT NULL CHECK (cardinality(parts) = 5),
    counted_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX product_score_best ON product_score (score DESC, product_id);

-- Whom a member takes for their peers, as last chosen.
CREATE TABLE peer_choice (
    member_id    bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    size         text NOT NULL DEFAULT '' CHECK (length(size) <= 40),
    state        text NOT NULL DEFAULT '' CHECK (length(state) <= 60),
    locale       text NOT NULL DEFAULT '' CHECK (locale IN ('', 'city', 'suburb', 'town', 'rural')),
    standing     text NOT NULL DEFAULT '' CHECK (standing IN ('', 'now', 'left')),
    years        smallint NOT NULL DEFAULT 0 CHECK (years BETWEEN 0 AND 50)
);

-- A vendor's one answer to a review.
CREATE TABLE vendor_answer (
    review_id    bigint PRIMARY KEY REFERENCES review ON DELETE CASCADE,
    vendor_id    bigint NOT NULL REFERENCES vendor,
    member_id    bigint REFERENCES member ON DELETE SET NULL,
    post_id      bigint NOT NULL UNIQUE REFERENCES post ON DELETE CASCADE,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vendor_answer_vendor ON vendor_answer (vendor_id);
CREATE INDEX vendor_answer_member ON vendor_answer (member_id);

-- Reviews that came much faster than usual, for moderators.
CREATE TABLE review_burst (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id   bigint NOT NULL REFERENCES product ON DELETE CASCADE,
    reviews      integer NOT NULL,
    usual        real NOT NULL,
    begins_at    timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    decided_at   timestamptz
);
CREATE UNIQUE INDEX review_burst_open ON review_burst (product_id) WHERE decided_at IS NULL;

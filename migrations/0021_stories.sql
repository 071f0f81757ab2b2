-- Why: members tell how they moved from one product to another, and ask the districts that run one.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- A story of a move; its words are the opening post of a thread, under the name of its writer. What it cost and whether
-- they may be called stand here alone: vendors read the post.
CREATE TABLE switch_story (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_product_id bigint NOT NULL REFERENCES product,
    to_product_id   bigint NOT NULL REFERENCES product,
    member_id       bigint REFERENCES member ON DELETE SET NULL,
    district_id     bigint NOT NULL REFERENCES district,
    post_id         bigint NOT NULL UNIQUE REFERENCES post ON DELETE CASCADE,
    cost_cents      bigint CHECK (cost_cents BETWEEN 1 AND 10000000000),
    weeks           smallint CHECK (weeks BETWEEN 1 AND 520),
    carried         text NOT NULL DEFAULT '' CHECK (carried IN ('', 'all', 'most', 'some', 'none')),
    carried_how     text NOT NULL DEFAULT '' CHECK (length(carried_how) <= 300),
    went_well       text NOT NULL DEFAULT '' CHECK (length(went_well) <= 4000),
    went_badly      text NOT NULL DEFAULT '' CHECK (length(went_badly) <= 4000),
    regret          smallint NOT NULL CHECK (regret BETWEEN 1 AND 5),
    may_be_called   boolean NOT NULL DEFAULT false,
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    said_at         timestamptz NOT NULL DEFAULT now(),
    CHECK (from_product_id <> to_product_id)
);
CREATE UNIQUE INDEX switch_story_of_member ON switch_story (to_product_id, from_product_id, member_id);
CREATE INDEX switch_story_from ON switch_story (from_product_id);
CREATE INDEX switch_story_member ON switch_story (member_id);
CREATE INDEX switch_story_district ON switch_story (district_id);

-- Who may be asked about a product that their district runs, as they said.
CREATE TABLE owner_contact (
    product_id  bigint NOT NULL REFERENCES product,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (product_id, member_id)
);
CREATE INDEX owner_contact_member ON owner_contact (member_id);

-- A question to the owners of a product. Who asked stands here alone; the author of its post may be a stand-in.
CREATE TABLE owner_question (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES product,
    member_id   bigint REFERENCES member ON DELETE SET NULL,
    post_id     bigint NOT NULL UNIQUE REFERENCES post ON DELETE CASCADE,
    is_unnamed  boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX owner_question_product ON owner_question (product_id, id DESC);
CREATE INDEX owner_question_member ON owner_question (member_id);

-- Whom a question waits for. offered_at: they would talk with an asker who is not named, who sees the size of their
-- district; each learns the other's name once accepted_at is there. closed_at: it waits for them no more.
CREATE TABLE owner_asked (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question_id bigint NOT NULL REFERENCES owner_question ON DELETE CASCADE,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    size        text NOT NULL DEFAULT '' CHECK (length(size) <= 40),
    asked_at    timestamptz NOT NULL DEFAULT now(),
    closed_at   timestamptz,
    offered_at  timestamptz,
    accepted_at timestamptz CHECK (accepted_at IS NULL OR offered_at IS NOT NULL),
    declined_at timestamptz CHECK (declined_at IS NULL OR accepted_at IS NULL)
);
CREATE UNIQUE INDEX owner_asked_once ON owner_asked (question_id, member_id);
CREATE INDEX owner_asked_member ON owner_asked (member_id);

-- Why: before notice is due a district asks those who use a product; what it chose, and whether that was right, stays.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- Whether members are asked by themselves when a contract comes up: under the district's name, without it, or not.
-- Without a row it follows from who may see the contract.
CREATE TABLE round_plan (
    contract_id   bigint PRIMARY KEY REFERENCES contract ON DELETE CASCADE,
    asks          text NOT NULL CHECK (asks IN ('named', 'unnamed', 'nobody'))
);

-- Which district asks stands here alone where it is not named. closes_on is a date in its time zone.
CREATE TABLE review_round (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id       bigint REFERENCES contract ON DELETE SET NULL,
    product_id        bigint NOT NULL REFERENCES product,
    district_id       bigint NOT NULL REFERENCES district ON DELETE CASCADE,
    thread_id         bigint NOT NULL UNIQUE REFERENCES thread ON DELETE CASCADE,
    opened_by         bigint REFERENCES member ON DELETE SET NULL,
    is_unnamed        boolean NOT NULL,
    closes_on         date NOT NULL,
    opened_at         timestamptz NOT NULL DEFAULT now(),
    closed_at         timestamptz,
    decision          text NOT NULL DEFAULT '' CHECK (decision IN ('', 'renewed', 'switched', 'dropped')),
    chosen_product_id bigint REFERENCES product,
    reason            text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    decided_at        timestamptz,
    ask_again_at      timestamptz,
    was_right         text NOT NULL DEFAULT '' CHECK (was_right IN ('', 'yes', 'partly', 'no')),
    lesson            text NOT NULL DEFAULT '' CHECK (length(lesson) <= 2000),
    judged_at         timestamptz
);
CREATE UNIQUE INDEX review_round_of_contract ON review_round (contract_id, closes_on);
CREATE INDEX review_round_product ON review_round (product_id);
CREATE INDEX review_round_chosen ON review_round (chosen_product_id);
CREATE INDEX review_round_district ON review_round (district_id);
CREATE INDEX review_round_opened_by ON review_round (opened_by);
CREATE INDEX review_round_newest ON review_round (opened_at DESC, id DESC);

-- Who was asked, and reminded: once each.
CREATE TABLE round_asked (
    round_id      bigint NOT NULL REFERENCES review_round ON DELETE CASCADE,
    member_id     bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    asked_at      timestamptz NOT NULL DEFAULT now(),
    reminded_at   timestamptz,
    put_away_at   timestamptz,
    PRIMARY KEY (member_id, round_id)
);
CREATE INDEX round_asked_round ON round_asked (round_id);

CREATE TABLE round_answer (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id      bigint NOT NULL REFERENCES review_round ON DELETE CASCADE,
    member_id     bigint REFERENCES member ON DELETE SET NULL,
    district_id   bigint NOT NULL REFERENCES district,
    post_id       bigint NOT NULL UNIQUE REFERENCES post ON DELETE CASCADE,
    would_renew   text NOT NULL CHECK (would_renew IN ('yes', 'only_if', 'no')),
    stars         smallint CHECK (stars BETWEEN 1 AND 5),
    works         text NOT NULL DEFAULT '' CHECK (length(works) <= 2000),
    lacks         text NOT NULL DEFAULT '' CHECK (length(lacks) <= 2000),
    instead       text NOT NULL DEFAULT '' CHECK (length(instead) <= 120),
    advice        text NOT NULL DEFAULT '' CHECK (length(advice) <= 2000),
    is_unnamed    boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    answered_at   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX round_answer_of_member ON round_answer (round_id, member_id);
CREATE INDEX round_answer_member ON round_answer (member_id);
CREATE INDEX round_answer_district ON round_answer (district_id);

-- Why: what reaches a member later than it was written, by an edit, a return or a move, is told all the same, and once.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- Whom a post mentions that was edited, or did once, and since when: since it was written, or since a later edit.
CREATE TABLE mention (
    post_id    bigint NOT NULL REFERENCES post ON DELETE CASCADE,
    member_id  bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    since      timestamptz NOT NULL,
    PRIMARY KEY (post_id, member_id)
);
CREATE INDEX mention_member ON mention (member_id);

-- Posts that a member's next digest tells though their own time may have passed: the one whose time holds `at`, unless
-- one that was sent while the post stood there before, from when it was written to away_at, has told it.
CREATE TABLE belated (
    member_id  bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    post_id    bigint NOT NULL REFERENCES post ON DELETE CASCADE,
    away_at    timestamptz NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, post_id)
);
CREATE INDEX belated_post ON belated (post_id);
CREATE INDEX belated_at ON belated (at);

-- Why: members follow what they care for, each at a level of its own, and choose when and how they get mail of it.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- What a member follows, or does not want to hear of. target_id: of the kind's own table, 0 for everything; rows whose
-- target is gone are removed at night. level "none": a thread that somebody stopped following, so that it is not followed
-- by itself again. every_days: of a digest, 1 for daily, 7 for weekly. reason: how it came to be.
CREATE TABLE follow (
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN
                    ('thread', 'category', 'topic', 'product', 'vendor', 'search', 'person', 'everything')),
    target_id   bigint NOT NULL CHECK ((kind = 'everything') = (target_id = 0)),
    level       text NOT NULL CHECK (level IN ('each', 'digest', 'web', 'muted', 'none')),
    every_days  smallint CHECK (every_days BETWEEN 1 AND 90),
    reason      text NOT NULL DEFAULT 'chosen' CHECK (reason IN ('chosen', 'asked', 'replied', 'mentioned', 'preset')),
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, kind, target_id),
    CONSTRAINT follow_digests_have_a_cadence CHECK ((level = 'digest') = (every_days IS NOT NULL)),
    CONSTRAINT follow_only_threads_are_stopped CHECK (level <> 'none' OR kind = 'thread')
);
CREATE INDEX follow_target ON follow (kind, target_id);

-- The search behind a followed one, as the documents are asked it; made anew at night, as what its words stand for may
-- change. needs: lexemes of which each document that answers holds one, for the index.
CREATE TABLE follow_search (
    saved_id    bigint PRIMARY KEY REFERENCES saved_search ON DELETE CASCADE,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    sought      tsquery NOT NULL,
    needs       text[] NOT NULL CHECK (cardinality(needs) BETWEEN 1 AND 200),
    after_on    date,
    made_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX follow_search_member ON follow_search (member_id);
CREATE INDEX follow_search_needs ON follow_search USING gin (needs);

-- What was followed before it could be mailed; what its words stand for is looked up at night.
INSERT INTO follow (member_id, kind, target_id, level, every_days)
SELECT s.member_id, 'search', s.id, 'digest', 1 FROM saved_search s WHERE s.is_followed;

-- How a member wants to hear of things; who has no row has the defaults of following.types.Wishes. asking, replying,
-- mentioned: the level at which a thread is followed by itself then, "none" for not at all. days: 1 for Monday to 7.
-- time_zone: "" for the district's, then the site's. links_made_at: one-click links made before it are worth nothing.
CREATE TABLE mail_wish (
    member_id      bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    asking         text NOT NULL DEFAULT 'each' CHECK (asking IN ('each', 'digest', 'web', 'none')),
    replying       text NOT NULL DEFAULT 'each' CHECK (replying IN ('each', 'digest', 'web', 'none')),
    mentioned      text NOT NULL DEFAULT 'each' CHECK (mentioned IN ('each', 'digest', 'web', 'none')),
    days           smallint[] NOT NULL DEFAULT '{1,2,3,4,5}' CHECK (cardinality(days) BETWEEN 1 AND 7),
    hour           smallint NOT NULL DEFAULT 6 CHECK (hour BETWEEN 0 AND 23),
    time_zone      text NOT NULL DEFAULT '' CHECK (length(time_zone) <= 60),
    blocks         text[] NOT NULL DEFAULT '{renewals,reviews,followed,mentions,unanswered}'
                       CHECK (cardinality(blocks) <= 8),
    keeps_quiet    boolean NOT NULL DEFAULT true,
    paused_until   date,
    stops_all      boolean NOT NULL DEFAULT false,
    consented_at   timestamptz,
    links_made_at  timestamptz NOT NULL DEFAULT 'epoch',
    changed_at     timestamptz NOT NULL DEFAULT now()
);

-- Weeks without digests, as holidays: of a district, or of all. Deadlines are mailed all the same.
CREATE TABLE quiet_time (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id  bigint REFERENCES district ON DELETE CASCADE,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    starts_on    date NOT NULL,
    ends_on      date NOT NULL CHECK (ends_on BETWEEN starts_on AND starts_on + 120)
);
CREATE INDEX quiet_time_district ON quiet_time (district_id, starts_on);

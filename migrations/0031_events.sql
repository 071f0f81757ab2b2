-- Why: threads may announce webinars and conferences, with a time and a place; digests tell of those that come near.
-- Safe online: new tables, a column with a default, and values that the old code leaves aside.
SET LOCAL lock_timeout = '4s';

-- An event hangs on the post that announces it, and goes where that goes when threads are merged or split.
-- starts_on: the day of starts_at where it takes place. place: "" for online only; link: where one joins, or "".
CREATE TABLE event (
    post_id       bigint PRIMARY KEY REFERENCES post ON DELETE CASCADE,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '336 hours'),
    starts_on     date NOT NULL,
    time_zone     text NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 60),
    place         text NOT NULL DEFAULT '' CHECK (length(place) <= 200),
    link          text NOT NULL DEFAULT '' CHECK (length(link) <= 300),
    is_cancelled  boolean NOT NULL DEFAULT false,
    version       integer NOT NULL DEFAULT 1,
    announced_at  timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_starts ON event (starts_at, post_id);

-- Who said that they will come.
CREATE TABLE event_guest (
    post_id    bigint NOT NULL REFERENCES event ON DELETE CASCADE,
    member_id  bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    said_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (post_id, member_id)
);
CREATE INDEX event_guest_member ON event_guest (member_id);

-- What came near after that day is told: the same as dates_after, but no quiet week moves it on, as since.
ALTER TABLE digest_mark ADD COLUMN news_after date NOT NULL DEFAULT current_date - 1;

-- Coming events are a part of every digest, the last one, until its reader puts it elsewhere; whoever left out all parts
-- has none of this either.
ALTER TABLE mail_wish ALTER COLUMN blocks SET DEFAULT '{renewals,reviews,followed,mentions,unanswered,events}';
UPDATE mail_wish SET blocks = blocks || CAST('{events}' AS text[])
WHERE cardinality(blocks) > 0 AND NOT 'events' = ANY(blocks);

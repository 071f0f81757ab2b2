-- Why: who comes to an event hears by mail when it is moved or cancelled, and from what to what.
-- What digests told is known for each of their cadences. Safe online: a new table, columns with a constant default or
-- none, one more value that a check lets in.
SET LOCAL lock_timeout = '4s';

-- What an event was before it was changed: one row for each version that is no more.
CREATE TABLE event_before (
    post_id       bigint NOT NULL REFERENCES event ON DELETE CASCADE,
    version       integer NOT NULL,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    time_zone     text NOT NULL CHECK (length(time_zone) <= 60),
    place         text NOT NULL CHECK (length(place) <= 200),
    link          text NOT NULL CHECK (length(link) <= 300),
    is_cancelled  boolean NOT NULL,
    until         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (post_id, version)
);

-- Of a digest: cadences of its member whose turn it was not, so that it told nothing of what is heard by them.
ALTER TABLE mail ADD COLUMN leaves_out smallint[] NOT NULL DEFAULT '{}';

-- version: of the event, in a mail of the kind "change", "change:<post>:<member>:<version>".
ALTER TABLE mail
    ADD COLUMN version integer,
    DROP CONSTRAINT mail_kind_check,
    ADD CONSTRAINT mail_kind_check CHECK (kind IN ('instant', 'digest', 'change', 'preview', 'test')) NOT VALID;

-- Why: an event that waits for a moderator keeps its time and place; who comes to one follows its thread.
-- Safe online: a column with a default, a new table, one more value that a check lets in.
SET LOCAL lock_timeout = '4s';

-- What else is shown of it, in lines.
ALTER TABLE held_post ADD COLUMN beside text NOT NULL DEFAULT '' CHECK (length(beside) <= 1000);

-- As in event, of a thread that is not there yet.
CREATE TABLE held_event (
    held_id    bigint PRIMARY KEY REFERENCES held_post ON DELETE CASCADE,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '336 hours'),
    starts_on  date NOT NULL,
    time_zone  text NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 60),
    place      text NOT NULL DEFAULT '' CHECK (length(place) <= 200),
    link       text NOT NULL DEFAULT '' CHECK (length(link) <= 300)
);

ALTER TABLE follow
    DROP CONSTRAINT follow_reason_check,
    ADD CONSTRAINT follow_reason_check
        CHECK (reason IN ('chosen', 'asked', 'replied', 'mentioned', 'coming', 'preset')) NOT VALID;

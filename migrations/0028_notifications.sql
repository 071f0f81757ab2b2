-- Why: members see on every page what is new for them: one open row for a member and a thread, until it is done.
-- Safe online: a new table only.
SET LOCAL lock_timeout = '4s';

-- What a member has heard of in a thread. post_ids, with why they heard of each and which of what they follow it was:
-- at most the newest hundred. "accepted": of the answer, since it was accepted. thread_id: where the posts stood then;
-- where they stand, and whether the reader may read any of it, is asked whenever it is shown. opened_at: when the
-- reader went to it from their notifications, which is how they learn of an accepted answer they have read before.
CREATE TABLE notification (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    thread_id   bigint NOT NULL REFERENCES thread ON DELETE CASCADE,
    post_ids    bigint[] NOT NULL CHECK (cardinality(post_ids) BETWEEN 1 AND 100),
    reasons     text[] NOT NULL CHECK (cardinality(reasons) <= 100),
    target_ids  bigint[] NOT NULL CHECK (cardinality(target_ids) <= 100),
    created_at  timestamptz NOT NULL DEFAULT now(),
    changed_at  timestamptz NOT NULL DEFAULT now(),
    opened_at   timestamptz,
    done_at     timestamptz,
    CONSTRAINT notification_says_why CHECK (
        cardinality(post_ids) = cardinality(reasons) AND cardinality(post_ids) = cardinality(target_ids)
        AND reasons <@ ARRAY['mentioned', 'asked', 'replied', 'accepted', 'thread', 'person', 'search', 'product',
                             'topic', 'vendor', 'category', 'everything']
    )
);
CREATE UNIQUE INDEX notification_open ON notification (member_id, thread_id) WHERE done_at IS NULL;
CREATE INDEX notification_of_thread ON notification (thread_id, member_id);
CREATE INDEX notification_latest ON notification (member_id, changed_at DESC, id DESC);
CREATE INDEX notification_changed ON notification (changed_at);

-- Pages that are open hear, once the change is there, that something changed for their reader; what, they ask with
-- their rights. Payloads are ids with commas between, and have a longest length.
CREATE FUNCTION tell_who_is_notified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('notification_changed', string_agg(CAST(w.member_id AS text), ','))
    FROM (
        SELECT m.member_id, row_number() OVER () / 300 AS part
        FROM (SELECT DISTINCT c.member_id FROM changed c) m
    ) w
    GROUP BY w.part;
    RETURN NULL;
END $$;
CREATE TRIGGER notification_made AFTER INSERT ON notification REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_who_is_notified();
CREATE TRIGGER notification_changed AFTER UPDATE ON notification REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_who_is_notified();

-- Why: members see on every page what is new for them: one row for a member and a thread, until it is done.
-- Safe online: a new table only.
SET LOCAL lock_timeout = '4s';

-- first_number, last_number: of the thread's posts that it is about. reason: why the member hears of it, the strongest.
-- Whether the reader may read any of it is asked whenever it is shown.
CREATE TABLE notification (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id     bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    thread_id     bigint NOT NULL REFERENCES thread ON DELETE CASCADE,
    reason        text NOT NULL CHECK (reason IN ('mentioned', 'asked', 'replied', 'accepted', 'thread', 'person',
                      'search', 'product', 'topic', 'vendor', 'category', 'everything')),
    first_number  integer NOT NULL,
    last_number   integer NOT NULL CHECK (last_number >= first_number),
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    done_at       timestamptz
);
CREATE UNIQUE INDEX notification_open ON notification (member_id, thread_id) WHERE done_at IS NULL;
CREATE INDEX notification_member ON notification (member_id, changed_at DESC, id DESC);
CREATE INDEX notification_thread ON notification (thread_id);

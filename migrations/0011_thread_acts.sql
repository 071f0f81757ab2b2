-- Why: threads are merged, closed as duplicates and slowed down; a restored answer is accepted again.
-- Safe online: columns that the older code does not read, and small indexes; writers wait for seconds.
SET LOCAL lock_timeout = '4s';

-- merged_into_id: what was in this thread is in that one; the row stays so that its old address leads there.
-- duplicate_of_id: closed, because that thread answers it. slow_seconds: least time between two posts of one member.
ALTER TABLE thread
    ADD merged_into_id bigint REFERENCES thread ON DELETE CASCADE,
    ADD duplicate_of_id bigint REFERENCES thread ON DELETE SET NULL,
    ADD slow_seconds integer NOT NULL DEFAULT 0 CHECK (slow_seconds BETWEEN 0 AND 86400);
CREATE INDEX thread_merged ON thread (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX thread_duplicate ON thread (duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;

-- Since when this deleted post had been the accepted answer.
ALTER TABLE post ADD was_accepted_at timestamptz;

-- Why: lists stay fast in a large forum, deleting too. Safe online: indexes only; writers wait for seconds.
SET LOCAL lock_timeout = '4s';

CREATE INDEX thread_pinned ON thread (category_id, active_at DESC, id DESC) WHERE deleted_at IS NULL AND is_pinned;
CREATE INDEX thread_category_score ON thread (category_id, score DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX thread_created ON thread (created_at) WHERE deleted_at IS NULL;

-- So that deleting a post or a thread does not read these tables whole.
CREATE INDEX thread_accepted_post ON thread (accepted_post_id) WHERE accepted_post_id IS NOT NULL;
CREATE INDEX read_mark_thread ON read_mark (thread_id, member_id);

-- No query has used them.
DROP INDEX member_name;
DROP INDEX thread_author;

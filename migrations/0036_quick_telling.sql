-- Why: telling open pages of posts that went or came back costs the same for one post and for thousands of a merge.
-- Safe online: an index, and a trigger that only tells in the place of another.
SET LOCAL lock_timeout = '4s';

CREATE INDEX notification_open_of_thread ON notification (thread_id) WHERE done_at IS NULL;

DROP TRIGGER post_gone_or_back ON post;
DROP FUNCTION tell_who_heard_of_post;
CREATE FUNCTION tell_who_heard_of_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell_members(ARRAY(
        SELECT DISTINCT n.member_id
        FROM (
            SELECT o.thread_id, array_agg(o.id) AS post_ids
            FROM before o
            JOIN after w ON w.id = o.id
            WHERE (w.deleted_at IS NULL, w.thread_id) IS DISTINCT FROM (o.deleted_at IS NULL, o.thread_id)
            GROUP BY o.thread_id
        ) moved
        JOIN notification n ON n.thread_id = moved.thread_id AND n.done_at IS NULL AND n.post_ids && moved.post_ids
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER posts_gone_or_back AFTER UPDATE ON post REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tell_who_heard_of_posts();

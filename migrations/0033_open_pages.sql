-- Why: pages that are open elsewhere hear also that their reader has read a thread, and that what they were told of is
-- gone or open to them no more. Safe online: triggers that only tell.
SET LOCAL lock_timeout = '4s';

CREATE FUNCTION tell_members(member_ids bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('notification_changed', string_agg(CAST(w.member_id AS text), ','))
    FROM (SELECT m.member_id, row_number() OVER () / 300 AS part FROM unnest(member_ids) m (member_id)) w
    GROUP BY w.part
$$;

-- Only for whom something of that thread stands open: most who read a thread were never told of it.
CREATE FUNCTION tell_who_has_read() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('notification_changed', CAST(NEW.member_id AS text))
    FROM notification n
    WHERE n.member_id = NEW.member_id AND n.thread_id = NEW.thread_id AND n.done_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER read_mark_made AFTER INSERT ON read_mark
    FOR EACH ROW EXECUTE FUNCTION tell_who_has_read();
CREATE TRIGGER read_mark_moved AFTER UPDATE OF number ON read_mark
    FOR EACH ROW WHEN (NEW.number <> OLD.number) EXECUTE FUNCTION tell_who_has_read();

CREATE FUNCTION tell_who_heard_of_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell_members(ARRAY(
        SELECT n.member_id FROM notification n
        WHERE n.thread_id = OLD.thread_id AND n.done_at IS NULL AND NEW.id = ANY(n.post_ids)
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER post_gone_or_back AFTER UPDATE OF deleted_at, thread_id ON post
    FOR EACH ROW
    WHEN ((NEW.deleted_at IS NULL, NEW.thread_id) IS DISTINCT FROM (OLD.deleted_at IS NULL, OLD.thread_id))
    EXECUTE FUNCTION tell_who_heard_of_post();

CREATE FUNCTION tell_who_heard_of_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell_members(ARRAY(
        SELECT n.member_id FROM notification n WHERE n.thread_id = NEW.id AND n.done_at IS NULL
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER thread_gone_or_back
    AFTER UPDATE OF deleted_at, category_id, accepted_post_id, keeps_vendors_out ON thread
    FOR EACH ROW
    WHEN (
        (NEW.deleted_at IS NULL, NEW.category_id, NEW.accepted_post_id, NEW.keeps_vendors_out)
        IS DISTINCT FROM (OLD.deleted_at IS NULL, OLD.category_id, OLD.accepted_post_id, OLD.keeps_vendors_out)
    )
    EXECUTE FUNCTION tell_who_heard_of_thread();

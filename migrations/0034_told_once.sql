-- Why: digests know which of them was a quiet one, since when a post is back, and mentions whether they were seen.
-- Safe online: columns with a default; the tables that are gone through are small.
SET LOCAL lock_timeout = '4s';

-- Of a digest that was made in a quiet week: it told deadlines only.
ALTER TABLE mail ADD COLUMN is_quiet boolean NOT NULL DEFAULT false;

-- Since when the post stands there again, or where it is now; `at`, when that was noted, chooses the digest.
ALTER TABLE belated ADD COLUMN back_at timestamptz NOT NULL DEFAULT now();
UPDATE belated SET back_at = at;

-- When its member was shown the post since they were named in it; who was named from the beginning needs no second look.
ALTER TABLE mention ADD COLUMN seen_at timestamptz;
UPDATE mention e SET seen_at = now()
FROM post p LEFT JOIN read_mark k ON k.thread_id = p.thread_id AND k.number >= p.number
WHERE p.id = e.post_id AND (e.since <= p.created_at OR k.member_id = e.member_id AND k.read_at >= e.since);
CREATE INDEX mention_unseen ON mention (member_id) WHERE seen_at IS NULL;

CREATE FUNCTION tell_who_has_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('notification_changed', CAST(NEW.member_id AS text))
    FROM post p JOIN notification n ON n.thread_id = p.thread_id
    WHERE p.id = NEW.post_id AND n.member_id = NEW.member_id AND n.done_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER mention_seen AFTER UPDATE OF seen_at ON mention
    FOR EACH ROW WHEN (OLD.seen_at IS NULL AND NEW.seen_at IS NOT NULL) EXECUTE FUNCTION tell_who_has_seen();

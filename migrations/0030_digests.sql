-- Why: digests are due at each member's own hour, and tell of each time once. Safe online: new tables, triggers on tables
-- that are new themselves, and an index that is quickly made.
SET LOCAL lock_timeout = '4s';

-- When a member's next digest is due. last_on: the day, where the member is, of the last one; a day has one at most.
-- is_stale: what they follow or wish has changed, so due_at is to be reckoned anew.
CREATE TABLE digest_plan (
    member_id  bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    is_stale   boolean NOT NULL DEFAULT true,
    due_at     timestamptz,
    last_on    date
);
CREATE INDEX digest_plan_due ON digest_plan (due_at, member_id) WHERE NOT is_stale;
CREATE INDEX digest_plan_stale ON digest_plan (member_id) WHERE is_stale;

-- For each cadence of a member, and as 0 for what is told whatever the cadence, the time that one mail tells of. The next
-- begins where it ended, unless that mail never left, or was made in a quiet week: then where it began, so that nothing is
-- missed and nothing is told twice.
-- dates_after: deadlines are told in quiet weeks too, and by days: those that came near after that one.
CREATE TABLE digest_mark (
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    every_days  smallint NOT NULL CHECK (every_days BETWEEN 0 AND 90),
    mail_id     bigint NOT NULL REFERENCES mail ON DELETE CASCADE,
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    dates_after date NOT NULL,
    last_on     date NOT NULL,
    is_quiet    boolean NOT NULL,
    PRIMARY KEY (member_id, every_days)
);
CREATE INDEX digest_mark_mail ON digest_mark (mail_id);

CREATE INDEX post_created ON post (created_at, id);

CREATE FUNCTION note_digest_wish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO digest_plan (member_id)
    SELECT DISTINCT n.member_id FROM new_rows n
    ORDER BY n.member_id
    ON CONFLICT (member_id) DO UPDATE SET is_stale = true WHERE NOT digest_plan.is_stale;
    RETURN NULL;
END;
$$;
CREATE FUNCTION note_digest_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO digest_plan (member_id)
    SELECT DISTINCT n.member_id FROM new_rows n WHERE n.level = 'digest'
    ORDER BY n.member_id
    ON CONFLICT (member_id) DO NOTHING;
    RETURN NULL;
END;
$$;
CREATE TRIGGER "digest follow insert" AFTER INSERT ON follow REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_digest_follow();
CREATE TRIGGER "digest follow update" AFTER UPDATE ON follow REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_digest_follow();
CREATE TRIGGER "digest wish insert" AFTER INSERT ON mail_wish REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_digest_wish();
CREATE TRIGGER "digest wish update" AFTER UPDATE ON mail_wish REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_digest_wish();

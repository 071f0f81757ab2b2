-- Why: what is followed says truly how it came to be; replies that were split off an event are no event; what was read
-- on the site is not mailed. Safe online: one more value that a check lets in, columns with a default, few rows changed.
SET LOCAL lock_timeout = '4s';

-- "split": the thread was split off one that is followed, and the member wrote nothing in it.
ALTER TABLE follow
    DROP CONSTRAINT follow_reason_check,
    ADD CONSTRAINT follow_reason_check
        CHECK (reason IN ('chosen', 'asked', 'replied', 'mentioned', 'coming', 'split', 'preset')) NOT VALID;

-- Whether messages are mailed also to who has read them on the site before.
ALTER TABLE mail_wish ADD COLUMN mails_read boolean NOT NULL DEFAULT false;

-- Of a post that was away and is back: its member may have read past it meanwhile, so that their mark says nothing of it.
ALTER TABLE mail ADD COLUMN goes_if_read boolean NOT NULL DEFAULT false;

-- Replies that were split off an event have asked their writer when they take place.
UPDATE thread t SET kind = 'discussion'
WHERE t.kind = 'event' AND t.client_key LIKE 'split:%'
  AND NOT EXISTS (SELECT 1 FROM event e JOIN post p ON p.id = e.post_id WHERE p.thread_id = t.id);

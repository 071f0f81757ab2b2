-- Why: a mail is a row before it leaves, so that none is lost and none is sent twice, whatever ends in between.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- One mail to one member. dedupe_key: "instant:<post>:<member>", "digest:<member>:<period>"; a second one is not made.
-- states: waiting → sending (lease_until) → sent; or unwanted (by rights and wishes when it was to be sent), or failed.
-- A worker that takes one moves next_at on: if nothing comes of it, it is due again then. attempts: how often it was
-- taken. It is sending only while its words are handed over; is_unsure: a try ended then, so it may have arrived.
-- outcome: what came of it in words of ours, never an address or the relay's words. message_id: fixed before the first
-- try. domain: of the receiving address, known from the first try on. since, until: of a digest, what is new counts.
CREATE TABLE mail (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id    bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('instant', 'digest', 'preview', 'test')),
    dedupe_key   text NOT NULL UNIQUE CHECK (length(dedupe_key) <= 80),
    post_id      bigint REFERENCES post ON DELETE CASCADE,
    reason       text NOT NULL DEFAULT '' CHECK (reason IN
                     ('', 'mentioned', 'asked', 'replied', 'thread', 'person', 'search', 'product', 'topic', 'vendor',
                      'category', 'everything')),
    since        timestamptz,
    until        timestamptz,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'unwanted', 'failed')),
    attempts     smallint NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL DEFAULT now(),
    lease_until  timestamptz,
    is_unsure    boolean NOT NULL DEFAULT false,
    message_id   text NOT NULL DEFAULT '' CHECK (length(message_id) <= 250),
    domain       text NOT NULL DEFAULT '' CHECK (length(domain) <= 254),
    outcome      text NOT NULL DEFAULT '' CHECK (length(outcome) <= 200),
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz
);
CREATE INDEX mail_due ON mail (next_at, id) WHERE state = 'waiting';
CREATE INDEX mail_leased ON mail (lease_until) WHERE state = 'sending';
CREATE INDEX mail_member ON mail (member_id, created_at DESC, id DESC);
CREATE INDEX mail_post ON mail (post_id);
CREATE INDEX mail_digest ON mail (member_id, id) WHERE kind = 'digest' AND state = 'waiting';
CREATE INDEX mail_failed ON mail (ended_at DESC, id DESC) WHERE state = 'failed';
CREATE INDEX mail_ended ON mail (ended_at, state);
CREATE INDEX mail_created ON mail (created_at, state);

-- Addresses that nothing is mailed to, until an administrator lets them in again.
CREATE TABLE mail_suppression (
    address     text PRIMARY KEY CHECK (address = lower(address) AND length(address) <= 254),
    reason      text NOT NULL CHECK (reason IN ('refused', 'complained', 'asked', 'staff')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  bigint REFERENCES member ON DELETE SET NULL
);
CREATE INDEX mail_suppression_created_by ON mail_suppression (created_by);

-- The secret of reply addresses and one-click links, for sites that set none.
CREATE TABLE mail_secret (
    is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    secret   bytea NOT NULL
);

-- The mailbox on the screen shows both parts of a mail.
ALTER TABLE screen_mail
    ADD COLUMN html text NOT NULL DEFAULT '',
    ADD CONSTRAINT screen_mail_html_length CHECK (length(html) <= 1000000) NOT VALID;

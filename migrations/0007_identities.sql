-- Why: members sign in with accounts they have elsewhere, and have several addresses. Safe online: new tables and columns.
SET LOCAL lock_timeout = '4s';

-- An account elsewhere: whoever the issuer says is this subject is that member. `label` is how the member knows it.
CREATE TABLE identity (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id    bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    issuer       text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
    subject      text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    provider     text NOT NULL CHECK (length(provider) <= 60),
    label        text NOT NULL DEFAULT '' CHECK (length(label) <= 254),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (issuer, subject)
);
CREATE INDEX identity_member ON identity (member_id);

-- Somebody went to a provider and is awaited back, once, within ten minutes, in the same browser.
-- member_id: set when the account is to be linked to that member.
CREATE TABLE oidc_attempt (
    state_hash   bytea PRIMARY KEY,
    browser_hash bytea NOT NULL,
    provider     text NOT NULL,
    next_path    text NOT NULL DEFAULT '/',
    member_id    bigint REFERENCES member ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX oidc_attempt_created ON oidc_attempt (created_at);

-- An address that a member wants to add, until the link is mailed; and what old addresses are told by mail.
CREATE TABLE address_request (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    address     text NOT NULL CHECK (length(address) <= 254),
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE address_notice (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    address     text NOT NULL CHECK (length(address) <= 254),
    happened    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE member_email ADD is_primary boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX member_email_primary ON member_email (member_id) WHERE is_primary;
ALTER TABLE mailed_link DROP CONSTRAINT mailed_link_purpose_check;
ALTER TABLE mailed_link
    ADD CONSTRAINT mailed_link_purpose_check CHECK (purpose IN ('sign-in', 'join', 'address', 'confirm')),
    ADD member_id bigint REFERENCES member ON DELETE CASCADE;

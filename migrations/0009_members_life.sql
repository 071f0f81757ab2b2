-- Why: sanctions that end, lists of invitations, what members keep to themselves, rules for mail domains.
-- Safe online: new tables, and columns with defaults that the older code does not read.
SET LOCAL lock_timeout = '4s';

-- What a suspended member is again when the suspension ends.
ALTER TABLE member
    ADD returns_as text NOT NULL DEFAULT 'active' CHECK (returns_as IN ('active', 'unclaimed', 'deactivated'));
CREATE INDEX member_suspended ON member (suspended_until) WHERE state = 'suspended';

-- Who sees which field of a profile. What is not for all members stands here and is empty in member,
-- so that no list, filter, search or post can show it.
CREATE TABLE member_privacy (
    member_id    bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    title_for    text NOT NULL DEFAULT 'members' CHECK (title_for IN ('members', 'staff', 'nobody')),
    district_for text NOT NULL DEFAULT 'members' CHECK (district_for IN ('members', 'staff', 'nobody')),
    about_for    text NOT NULL DEFAULT 'members' CHECK (about_for IN ('members', 'staff', 'nobody')),
    joined_for   text NOT NULL DEFAULT 'members' CHECK (joined_for IN ('members', 'staff', 'nobody')),
    topics_for   text NOT NULL DEFAULT 'members' CHECK (topics_for IN ('members', 'staff', 'nobody')),
    title        text NOT NULL DEFAULT '' CHECK (length(title) <= 120),
    district_id  bigint REFERENCES district,
    about        text NOT NULL DEFAULT '' CHECK (length(about) <= 2000)
);

-- A purpose is a word of the code; which words there are is said there.
ALTER TABLE mailed_link DROP CONSTRAINT IF EXISTS mailed_link_purpose_check;
ALTER TABLE mailed_link ADD CONSTRAINT mailed_link_purpose_check CHECK (purpose ~ '^[a-z][a-z-]{1,30}$');

ALTER TABLE join_request ADD reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 500);
ALTER TABLE invitation
    ADD name text NOT NULL DEFAULT '' CHECK (length(name) <= 120),
    ADD title text NOT NULL DEFAULT '' CHECK (length(title) <= 120);
CREATE INDEX invitation_newest ON invitation (id DESC) WHERE accepted_at IS NULL;

-- Many invitations at once: read and shown first, sent once somebody has confirmed the list.
CREATE TABLE invitation_list (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_by   bigint NOT NULL REFERENCES member,
    created_at   timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz
);
CREATE TABLE invitation_row (
    list_id     bigint NOT NULL REFERENCES invitation_list ON DELETE CASCADE,
    line        integer NOT NULL CHECK (line > 0),
    status      text NOT NULL CHECK (status IN ('new', 'wrong', 'double', 'member', 'invited')),
    problem     text NOT NULL DEFAULT '' CHECK (length(problem) <= 300),
    address     text NOT NULL DEFAULT '' CHECK (length(address) <= 254),
    name        text NOT NULL DEFAULT '' CHECK (length(name) <= 120),
    title       text NOT NULL DEFAULT '' CHECK (length(title) <= 120),
    district_id bigint REFERENCES district ON DELETE SET NULL,
    sent_at     timestamptz,
    PRIMARY KEY (list_id, line)
);
CREATE INDEX invitation_row_waiting ON invitation_row (list_id, line) WHERE status = 'new' AND sent_at IS NULL;
CREATE INDEX invitation_row_sent ON invitation_row (sent_at) WHERE sent_at IS NOT NULL;

-- Mail domains, with their subdomains, whose people may not join, or wait for approval as vendors.
CREATE TABLE domain_rule (
    domain      text PRIMARY KEY CHECK (domain = lower(domain) AND length(domain) <= 253),
    kind        text NOT NULL CHECK (kind IN ('blocked', 'vendor'))
);

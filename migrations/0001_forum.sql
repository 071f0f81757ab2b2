-- Why: the first forum: districts, members, categories, topics, threads, posts. Safe online: new tables only.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE district (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    state       text NOT NULL DEFAULT '' CHECK (length(state) <= 60),
    enrolment   integer CHECK (enrolment >= 0)
);
CREATE TABLE district_domain (
    domain      text PRIMARY KEY CHECK (domain = lower(domain) AND length(domain) <= 253),
    district_id bigint NOT NULL REFERENCES district ON DELETE CASCADE
);

CREATE TABLE member (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handle       text NOT NULL UNIQUE CHECK (handle ~ '^[a-z0-9][a-z0-9._-]{1,38}$'),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    title        text NOT NULL DEFAULT '' CHECK (length(title) <= 120),
    about        text NOT NULL DEFAULT '' CHECK (length(about) <= 2000),
    district_id  bigint REFERENCES district,
    role         text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'vendor', 'admin')),
    state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'unclaimed', 'suspended')),
    unread_since timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX member_district ON member (district_id);
CREATE INDEX member_name ON member (lower(name), id);
CREATE TABLE member_email (
    address     text PRIMARY KEY CHECK (address = lower(address) AND length(address) BETWEEN 3 AND 254),
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    verified_at timestamptz
);
CREATE INDEX member_email_member ON member_email (member_id);
CREATE TABLE member_group (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE,
    name        text NOT NULL
);
CREATE TABLE group_member (
    group_id    bigint NOT NULL REFERENCES member_group ON DELETE CASCADE,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    PRIMARY KEY (member_id, group_id)
);

CREATE TABLE sign_in_request (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     text NOT NULL,
    next_path   text NOT NULL DEFAULT '/',
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_request_address ON sign_in_request (address, created_at);
CREATE TABLE mailed_link (
    token_hash    bytea PRIMARY KEY,
    purpose       text NOT NULL CHECK (purpose IN ('sign-in', 'join')),
    address       text NOT NULL,
    next_path     text NOT NULL DEFAULT '/',
    district_id   bigint REFERENCES district,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX mailed_link_address ON mailed_link (address, purpose);
CREATE TABLE session (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE,
    member_id    bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    device       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX session_member ON session (member_id);
CREATE TABLE invitation (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     text NOT NULL,
    district_id bigint REFERENCES district,
    invited_by  bigint NOT NULL REFERENCES member,
    created_at  timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz
);
CREATE UNIQUE INDEX invitation_open ON invitation (address) WHERE accepted_at IS NULL;
CREATE TABLE join_request (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     text NOT NULL,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    title       text NOT NULL DEFAULT '' CHECK (length(title) <= 120),
    district_id bigint REFERENCES district,
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
    created_at  timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz,
    decided_by  bigint REFERENCES member,
    is_approved boolean
);
CREATE UNIQUE INDEX join_request_open ON join_request (address) WHERE decided_at IS NULL;

CREATE TABLE category (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id       bigint REFERENCES category,
    slug            text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    description     text NOT NULL DEFAULT '',
    colour          text NOT NULL DEFAULT '#49606b' CHECK (colour ~ '^#[0-9a-f]{6}$'),
    position        integer NOT NULL DEFAULT 0,
    default_kind    text NOT NULL DEFAULT 'question',
    ask_template    text NOT NULL DEFAULT '',
    read_by         text NOT NULL DEFAULT 'members' CHECK (read_by IN ('everyone', 'members', 'staff', 'groups')),
    reply_by        text NOT NULL DEFAULT 'members' CHECK (reply_by IN ('members', 'staff', 'groups')),
    start_by        text NOT NULL DEFAULT 'members' CHECK (start_by IN ('members', 'staff', 'groups')),
    lets_vendors_in boolean NOT NULL DEFAULT false,
    is_hidden       boolean NOT NULL DEFAULT false,
    thread_count    integer NOT NULL DEFAULT 0
);
CREATE TABLE category_group (
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    group_id    bigint NOT NULL REFERENCES member_group ON DELETE CASCADE,
    may         text NOT NULL CHECK (may IN ('read', 'reply', 'start')),
    PRIMARY KEY (category_id, may, group_id)
);
CREATE TABLE category_moderator (
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    PRIMARY KEY (member_id, category_id)
);

CREATE TABLE topic (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,38}$')
);
CREATE TABLE topic_synonym (
    slug        text PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,38}$'),
    topic_id    bigint NOT NULL REFERENCES topic ON DELETE CASCADE
);

CREATE TABLE thread (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id      bigint NOT NULL REFERENCES category,
    author_id        bigint NOT NULL REFERENCES member,
    kind             text NOT NULL CHECK (kind IN
                         ('question', 'discussion', 'review', 'resource', 'event', 'announcement')),
    title            text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    slug             text NOT NULL,
    is_locked        boolean NOT NULL DEFAULT false,
    is_pinned        boolean NOT NULL DEFAULT false,
    next_number      integer NOT NULL DEFAULT 1,
    last_number      integer NOT NULL DEFAULT 0,
    reply_count      integer NOT NULL DEFAULT 0,
    helpful_count    integer NOT NULL DEFAULT 0,
    score            integer GENERATED ALWAYS AS (reply_count + helpful_count) STORED,
    accepted_post_id bigint,
    accepted_at      timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    active_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at       timestamptz,
    deleted_by       bigint REFERENCES member,
    delete_reason    text NOT NULL DEFAULT '',
    client_key       text NOT NULL,
    UNIQUE (author_id, client_key)
);
CREATE INDEX thread_active ON thread (active_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX thread_category_active ON thread (category_id, active_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX thread_score ON thread (score DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX thread_unanswered ON thread (active_at DESC, id DESC)
    WHERE deleted_at IS NULL AND kind = 'question' AND reply_count = 0;
CREATE INDEX thread_author ON thread (author_id, id DESC);
CREATE INDEX thread_title ON thread USING gin (title gin_trgm_ops);
CREATE INDEX thread_title_words ON thread USING gin (to_tsvector('english', title));

CREATE TABLE thread_topic (
    thread_id   bigint NOT NULL REFERENCES thread ON DELETE CASCADE,
    topic_id    bigint NOT NULL REFERENCES topic ON DELETE CASCADE,
    PRIMARY KEY (thread_id, topic_id)
);
CREATE INDEX thread_topic_topic ON thread_topic (topic_id, thread_id);

CREATE TABLE post (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    thread_id     bigint NOT NULL REFERENCES thread ON DELETE CASCADE,
    author_id     bigint NOT NULL REFERENCES member,
    number        integer NOT NULL CHECK (number > 0),
    format        text NOT NULL DEFAULT 'markdown' CHECK (format IN ('markdown', 'mail')),
    source        text NOT NULL,
    html          text NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    client_key    text NOT NULL,
    helpful_count integer NOT NULL DEFAULT 0,
    confidence    real NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    edited_at     timestamptz,
    deleted_at    timestamptz,
    deleted_by    bigint REFERENCES member,
    delete_reason text NOT NULL DEFAULT '',
    words         tsvector GENERATED ALWAYS AS (to_tsvector('english', left(source, 20000))) STORED,
    UNIQUE (thread_id, number),
    UNIQUE (thread_id, author_id, client_key)
);
CREATE INDEX post_words ON post USING gin (words);
CREATE INDEX post_helpful ON post (thread_id, confidence DESC, number);
ALTER TABLE thread ADD FOREIGN KEY (accepted_post_id) REFERENCES post (id) ON DELETE SET NULL;
CREATE TABLE post_revision (
    post_id     bigint NOT NULL REFERENCES post ON DELETE CASCADE,
    version     integer NOT NULL,
    source      text NOT NULL,
    heading     text NOT NULL DEFAULT '',
    editor_id   bigint NOT NULL REFERENCES member,
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 200),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (post_id, version)
);
CREATE TABLE read_mark (
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    thread_id   bigint NOT NULL REFERENCES thread ON DELETE CASCADE,
    number      integer NOT NULL,
    read_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, thread_id)
);
CREATE TABLE draft (
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    key         text NOT NULL CHECK (length(key) <= 60),
    fields      jsonb NOT NULL,
    saved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, key)
);

CREATE TABLE helpful_vote (
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    post_id     bigint NOT NULL REFERENCES post ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, post_id)
);
CREATE INDEX helpful_vote_post ON helpful_vote (post_id);

-- Mails of a site in demo mode, read at /dev/mail.
CREATE TABLE screen_mail (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient   text NOT NULL,
    subject     text NOT NULL,
    body        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
-- Counts per key and window of time, for limits.
CREATE TABLE limit_count (
    key         text NOT NULL,
    starts_at   timestamptz NOT NULL,
    hits        integer NOT NULL,
    PRIMARY KEY (key, starts_at)
);

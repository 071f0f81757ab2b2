-- Why: administrators name the site, give it a look, announce things, write its terms. Safe online: new tables; a default.
SET LOCAL lock_timeout = '4s';

-- One row, or none while nothing was changed; '' stands for what the code has.
CREATE TABLE site_setting (
    id                boolean PRIMARY KEY DEFAULT true CHECK (id),
    name              text NOT NULL DEFAULT '' CHECK (length(name) <= 60),
    accent            text NOT NULL DEFAULT '' CHECK (accent ~ '^(#[0-9a-f]{6})?$'),
    logo              bytea CHECK (octet_length(logo) <= 1000000),
    logo_hash         text NOT NULL DEFAULT '' CHECK (logo_hash ~ '^([0-9a-f]{16})?$'),
    is_open_to_guests boolean NOT NULL DEFAULT true,
    takes_requests    boolean NOT NULL DEFAULT true,
    is_indexed        boolean NOT NULL DEFAULT false,
    methods_off       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(methods_off) <= 20),
    backup_note       text NOT NULL DEFAULT '' CHECK (length(backup_note) <= 500),
    is_set_up         boolean NOT NULL DEFAULT false,
    CHECK ((logo IS NULL) = (logo_hash = ''))
);

CREATE TABLE announcement (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_key text NOT NULL UNIQUE CHECK (length(client_key) BETWEEN 1 AND 64),
    kind       text NOT NULL CHECK (kind IN ('info', 'warn')),
    audience   text NOT NULL CHECK (audience IN ('everyone', 'members', 'staff')),
    body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
    html       text NOT NULL CHECK (length(html) <= 20000),
    from_at    timestamptz NOT NULL,
    until_at   timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (from_at < until_at)
);
CREATE INDEX announcement_until ON announcement (until_at, id);

-- Terms and privacy: every version that was published.
CREATE TABLE site_page (
    slug         text NOT NULL CHECK (slug IN ('terms', 'privacy')),
    version      integer NOT NULL CHECK (version > 0),
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 30000),
    html         text NOT NULL CHECK (length(html) <= 500000),
    published_by bigint REFERENCES member ON DELETE SET NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (slug, version)
);

-- Which version of the terms a member agreed to, and when.
CREATE TABLE terms_consent (
    member_id bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    version   integer NOT NULL,
    agreed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, version)
);

ALTER TABLE join_request ADD terms_version integer NOT NULL DEFAULT 0;

-- What came of test mails: never an address, never what the relay said in its own words.
CREATE TABLE mail_test (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tested_by bigint REFERENCES member ON DELETE SET NULL,
    tested_at timestamptz NOT NULL DEFAULT now(),
    is_good   boolean NOT NULL,
    outcome   text NOT NULL CHECK (length(outcome) <= 300)
);

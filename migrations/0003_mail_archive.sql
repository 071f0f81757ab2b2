-- Why: mailing-list archives become threads; every mail is kept with its Message-ID. Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- One run of the archive import into a category. Threads lie in staging_id until all of them are there.
CREATE TABLE mail_import (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    staging_id  bigint REFERENCES category ON DELETE SET NULL,
    reveals     boolean NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX mail_import_open ON mail_import (category_id) WHERE finished_at IS NULL;
CREATE INDEX mail_import_staging ON mail_import (staging_id);

-- Mails that belong together; merged_into: a parent that came late showed that two conversations were one.
CREATE TABLE mail_conversation (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    thread_id   bigint REFERENCES thread ON DELETE SET NULL,
    merged_into bigint REFERENCES mail_conversation ON DELETE CASCADE
);
CREATE INDEX mail_conversation_category ON mail_conversation (category_id, id);
CREATE INDEX mail_conversation_thread ON mail_conversation (thread_id);
CREATE INDEX mail_conversation_merged ON mail_conversation (merged_into) WHERE merged_into IS NOT NULL;

-- Every Message-ID seen, of mails and of the ghosts they answer.
CREATE TABLE mail_known_id (
    category_id     bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    message_id      text NOT NULL CHECK (length(message_id) BETWEEN 1 AND 250),
    conversation_id bigint NOT NULL REFERENCES mail_conversation ON DELETE CASCADE,
    PRIMARY KEY (category_id, message_id)
);
CREATE INDEX mail_known_id_conversation ON mail_known_id (conversation_id);

-- The mails themselves. raw is compressed (zlib); source and html are emptied when they have become a post.
CREATE TABLE mail_message (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id     bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES mail_conversation ON DELETE CASCADE,
    message_id      text NOT NULL,
    content_hash    bytea NOT NULL,
    reference_ids   text[] NOT NULL,
    sent_at         timestamptz NOT NULL,
    author_key      text NOT NULL,
    author_name     text NOT NULL,
    author_address  text NOT NULL,
    title           text NOT NULL,
    subject_key     text NOT NULL,
    is_orphan       boolean NOT NULL,
    raw             bytea NOT NULL,
    source          text NOT NULL,
    html            text NOT NULL,
    is_placed       boolean NOT NULL DEFAULT false,
    post_id         bigint REFERENCES post ON DELETE SET NULL,
    UNIQUE (category_id, message_id)
);
ALTER TABLE mail_message ALTER COLUMN raw SET STORAGE EXTERNAL;
CREATE INDEX mail_message_content ON mail_message (category_id, content_hash);
CREATE INDEX mail_message_subject ON mail_message (category_id, subject_key, sent_at);
CREATE INDEX mail_message_conversation ON mail_message (conversation_id);
CREATE INDEX mail_message_waiting ON mail_message (category_id, conversation_id) WHERE NOT is_placed;
CREATE INDEX mail_message_post ON mail_message (post_id) WHERE post_id IS NOT NULL;

-- Addresses that are a list's own: whoever writes from them is told apart by name.
CREATE TABLE mail_list_address (
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    address     text NOT NULL,
    PRIMARY KEY (category_id, address)
);

-- Who an author of an archive is here. key: "address:…", "hash:…", or "name:CATEGORY:…" where no address is known.
CREATE TABLE mail_author (
    key         text PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE
);
CREATE INDEX mail_author_member ON mail_author (member_id);

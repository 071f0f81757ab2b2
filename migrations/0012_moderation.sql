-- Why: flags, one queue for what moderators decide, watched words, held posts, templates of reasons, staff notes.
-- Safe online: new tables, and one index that lets writers of posts wait for seconds.
SET LOCAL lock_timeout = '4s';

-- Words that block a post, hold it for a moderator, or lead to an answer; without a category: on the whole site.
CREATE TABLE watched_word (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id bigint REFERENCES category ON DELETE CASCADE,
    words       text NOT NULL CHECK (length(words) BETWEEN 1 AND 120),
    act         text NOT NULL CHECK (act IN ('block', 'hold', 'link')),
    sentence    text NOT NULL DEFAULT '' CHECK (length(sentence) <= 300),
    path        text NOT NULL DEFAULT '' CHECK (length(path) <= 300),
    created_by  bigint REFERENCES member ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX watched_word_once ON watched_word (words, coalesce(category_id, 0));

-- What waits for a moderator is no post yet: it lies here with its draft until somebody decides.
CREATE TABLE held_post (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE,
    thread_id   bigint REFERENCES thread ON DELETE CASCADE,
    kind        text NOT NULL DEFAULT '',
    title       text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
    topics      text NOT NULL DEFAULT '' CHECK (length(topics) <= 1000),
    body        text NOT NULL,
    client_key  text NOT NULL,
    why         text NOT NULL CHECK (why IN ('first', 'word')),
    outcome     text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'published', 'refused')),
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    created_at  timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz,
    UNIQUE (author_id, client_key)
);
CREATE INDEX held_post_thread ON held_post (thread_id);
CREATE INDEX held_post_category ON held_post (category_id);

CREATE TABLE post_flag (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id     bigint NOT NULL REFERENCES post ON DELETE CASCADE,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    reason      text NOT NULL CHECK (reason IN ('off_topic', 'student_data', 'advertising', 'rude', 'other')),
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    outcome     text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'kept', 'hidden', 'solved')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz,
    UNIQUE (post_id, member_id)
);
CREATE INDEX post_flag_member ON post_flag (member_id);

-- One row for each thing that waits for a decision, whatever its kind; without a category: for administrators.
CREATE TABLE queue_item (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    subject_id     bigint NOT NULL,
    category_id    bigint REFERENCES category ON DELETE CASCADE,
    author_id      bigint REFERENCES member ON DELETE SET NULL,
    claimed_by     bigint REFERENCES member ON DELETE SET NULL,
    claimed_at     timestamptz,
    decided_by     bigint REFERENCES member ON DELETE SET NULL,
    decided_at     timestamptz,
    verdict        text NOT NULL DEFAULT '' CHECK (length(verdict) <= 40),
    entry_id       bigint REFERENCES audit_entry ON DELETE SET NULL,
    letter         text NOT NULL DEFAULT '' CHECK (length(letter) <= 4000),
    letter_sent_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX queue_item_open ON queue_item (kind, subject_id) WHERE decided_at IS NULL;
CREATE INDEX queue_item_waiting ON queue_item (id) WHERE decided_at IS NULL;
CREATE INDEX queue_item_letter ON queue_item (decided_at) WHERE letter <> '' AND letter_sent_at IS NULL;
CREATE INDEX queue_item_category ON queue_item (category_id);
CREATE INDEX queue_item_entry ON queue_item (entry_id) WHERE entry_id IS NOT NULL;
INSERT INTO queue_item (kind, subject_id, created_at)
SELECT 'join', q.id, q.created_at FROM join_request q WHERE q.decided_at IS NULL;

CREATE TABLE reason_template (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name   text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 80),
    letter text NOT NULL CHECK (length(letter) BETWEEN 1 AND 2000)
);
INSERT INTO reason_template (name, letter) VALUES
    ('Personal data of students', 'Your post could tell who a student is. Write it again without names, numbers, pictures and anything else that points to a child.'),
    ('Advertising', 'This is a place among colleagues. Vendors answer questions here, but do not advertise.'),
    ('Rude', 'Please write it again as you would say it to a colleague''s face.'),
    ('Off topic', 'It does not belong into this category. Look for the one where people expect it, and post it there.'),
    ('Asked before', 'The same was asked and answered here before. Look for it with the search, and ask there if something is missing.');

CREATE TABLE staff_note (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    category_id bigint REFERENCES category ON DELETE CASCADE,
    author_id   bigint REFERENCES member ON DELETE SET NULL,
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX staff_note_member ON staff_note (member_id, id DESC);

-- What one member wrote: for first posts, and for what moderators see of an author.
CREATE INDEX post_by_author ON post (author_id, id DESC);

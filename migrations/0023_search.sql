-- Why: everything can be found: one document for each post, product, vendor, topic and member, and the words in them.
-- Safe online: new tables, and triggers that only add rows to one of them.
SET LOCAL lock_timeout = '4s';

CREATE EXTENSION IF NOT EXISTS unaccent;
-- English stems of words without their accents.
CREATE TEXT SEARCH CONFIGURATION forum (COPY = english);
ALTER TEXT SEARCH CONFIGURATION forum ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;

-- words: stems of the title (weight A) and of the text (D), and what documents are limited by, as lexemes that begin with
-- # or = and that no text yields. length: words of the text. prior: what counts beside the words. version: of the whole
-- document, to compare it with an engine's. is_sent: whether an engine elsewhere has this version. is_gone: there is
-- no such document any more, which an engine elsewhere has not heard yet.
CREATE TABLE search_document (
    kind        text NOT NULL CHECK (length(kind) BETWEEN 1 AND 20),
    ref_id      bigint NOT NULL,
    group_id    bigint NOT NULL,
    words       tsvector NOT NULL,
    length      integer NOT NULL,
    prior       real NOT NULL,
    written_at  timestamptz NOT NULL,
    version     bigint NOT NULL,
    is_sent     boolean NOT NULL,
    is_gone     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (kind, ref_id)
);
CREATE INDEX search_document_words ON search_document USING gin (words);
CREATE INDEX search_document_unsent ON search_document (kind, ref_id) WHERE NOT is_sent;

-- The words of documents that all members, all vendors or all guests may read, so that no word of others ever answers a
-- typing error: in how many of each they are. near: the word without one of its letters, for each letter: words that
-- share one are alike.
CREATE TABLE search_word (
    word        text PRIMARY KEY CHECK (length(word) BETWEEN 2 AND 40),
    lexeme      text NOT NULL CHECK (length(lexeme) <= 40),
    members     integer NOT NULL,
    vendors     integer NOT NULL,
    guests      integer NOT NULL,
    near        text[] NOT NULL CHECK (cardinality(near) <= 40)
) WITH (fillfactor = 70);
CREATE INDEX search_word_begins ON search_word (word text_pattern_ops);
CREATE INDEX search_word_lexeme ON search_word (lexeme);
CREATE INDEX search_word_near ON search_word USING gin (near);

-- How many documents there are of each month that all members, vendors or guests may read, with the sum of their
-- lengths: what ranking counts with.
CREATE TABLE search_month (
    circle      text NOT NULL CHECK (circle IN ('members', 'vendors', 'guests')),
    month       text NOT NULL CHECK (month ~ '^\d{6}$'),
    documents   integer NOT NULL,
    length      bigint NOT NULL,
    PRIMARY KEY (circle, month)
);

-- What was written and is not in the documents yet: a row of `source`, by its id.
CREATE TABLE search_change (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL CHECK (length(source) <= 20),
    ref_id      bigint NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()
);

-- A row while documents are kept without another engine: one that comes, or comes back, is told everything.
CREATE TABLE search_alone (
    id          integer PRIMARY KEY CHECK (id = 1)
);

-- In the transaction that writes, whoever writes, as no command could forget it. Arguments: the source, the column with
-- its id, and which columns count when a row is updated; without these each update counts. One job a transaction.
CREATE FUNCTION note_search_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted bigint;
    which text := 'SELECT x.%2$I AS id FROM new_rows x UNION SELECT x.%2$I FROM old_rows x';
BEGIN
    IF TG_OP = 'INSERT' THEN
        which := 'SELECT x.%2$I AS id FROM new_rows x';
    ELSIF TG_OP = 'DELETE' THEN
        which := 'SELECT x.%2$I AS id FROM old_rows x';
    ELSIF TG_NARGS > 2 THEN
        which := 'SELECT n.%2$I AS id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE ('
            || (SELECT string_agg(format('n.%I', c), ', ') FROM unnest(string_to_array(TG_ARGV[2], ' ')) c)
            || ') IS DISTINCT FROM ('
            || (SELECT string_agg(format('o.%I', c), ', ') FROM unnest(string_to_array(TG_ARGV[2], ' ')) c) || ')';
    END IF;
    EXECUTE format(
        'INSERT INTO search_change (source, ref_id) SELECT DISTINCT %1$L, x.id FROM (' || which
        || ') x WHERE x.id IS NOT NULL',
        TG_ARGV[0], TG_ARGV[1]
    );
    GET DIAGNOSTICS noted = ROW_COUNT;
    IF noted > 0 THEN
        INSERT INTO pgqueuer (priority, status, entrypoint, payload, dedupe_key)
        VALUES (0, 'queued', 'forum.search.jobs.index_changes', '{}', 'search ' || pg_current_xact_id())
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;

-- Three triggers for a table, as one with a list of rows serves one kind of statement. counts: columns with spaces
-- between them.
CREATE FUNCTION watch_for_search(watched text, source text, id_column text, counts text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    arguments text := concat_ws(', ', quote_literal(source), quote_literal(id_column), quote_literal(counts));
    named text := ' ' || source;
BEGIN
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION note_search_change(%s)', 'search insert' || named, watched, arguments);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION note_search_change(%s)', 'search delete' || named, watched, arguments);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I
        REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION note_search_change(%s)', 'search update' || named, watched, arguments);
END;
$$;
SELECT watch_for_search('post', 'post', 'id', 'thread_id author_id number html deleted_at helpful_count');
SELECT watch_for_search('thread', 'thread', 'id',
    'category_id author_id kind title deleted_at accepted_post_id keeps_vendors_out vendor_id');
SELECT watch_for_search('thread_topic', 'thread', 'thread_id');
SELECT watch_for_search('category', 'category', 'id', 'is_hidden');
SELECT watch_for_search('product', 'product', 'id', 'name vendor_id category_id about status');
SELECT watch_for_search('product', 'product name', 'id', 'review_thread_id');
SELECT watch_for_search('product_name', 'product name', 'product_id');
SELECT watch_for_search('product_category', 'product kind', 'id', 'name');
SELECT watch_for_search('vendor', 'vendor', 'id', 'name');
SELECT watch_for_search('review', 'post', 'post_id');
SELECT watch_for_search('switch_story', 'thread of post', 'post_id');
SELECT watch_for_search('owner_question', 'thread of post', 'post_id');
SELECT watch_for_search('review_round', 'thread', 'thread_id');
SELECT watch_for_search('topic', 'topic', 'id', 'slug');
SELECT watch_for_search('topic_synonym', 'topic', 'topic_id');
SELECT watch_for_search('member', 'member', 'id', 'name handle title about district_id role state');
SELECT watch_for_search('member_privacy', 'member', 'member_id');
SELECT watch_for_search('district', 'district', 'id', 'name');
DROP FUNCTION watch_for_search;

-- What is there already is found as soon as the worker has gone through it.
INSERT INTO search_change (source, ref_id) SELECT 'category', id FROM category;
INSERT INTO search_change (source, ref_id) SELECT 'vendor', id FROM vendor;
INSERT INTO search_change (source, ref_id) SELECT 'topic', id FROM topic;
INSERT INTO search_change (source, ref_id) SELECT 'member', id FROM member;
INSERT INTO pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'queued', 'forum.search.jobs.index_changes', '{}');

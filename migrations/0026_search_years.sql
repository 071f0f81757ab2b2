-- Why: the search index is asked for long times by whole years, which are fewer than months. Safe online: nothing but the
-- indexing of new posts waits while this runs, a minute for a million documents, and what was found before still is.
SET LOCAL lock_timeout = '4s';

UPDATE search_document
SET words = words || array_to_tsvector(ARRAY['#y' || to_char(written_at AT TIME ZONE 'UTC', 'YYYY')]);

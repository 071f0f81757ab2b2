-- Why: peers are told by size, state and kind of place; deadlines are dates where the district is.
-- Safe online: new columns with defaults only.
SET LOCAL lock_timeout = '4s';

ALTER TABLE district
    ADD locale text NOT NULL DEFAULT '' CHECK (locale IN ('', 'city', 'suburb', 'town', 'rural')),
    ADD time_zone text NOT NULL DEFAULT '' CHECK (length(time_zone) <= 60);

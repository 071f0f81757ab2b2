-- Why: administrators order, archive, slow down and rename categories, and say who sees that one is there.
-- Safe online: a new table, and columns with defaults that the older code does not read.
SET LOCAL lock_timeout = '4s';

-- seen_by: who reads name and description without reading the category; slow_seconds: least time between two posts of
-- one member; holds_first_posts: first posts of newcomers wait for a moderator.
ALTER TABLE category
    ADD is_archived boolean NOT NULL DEFAULT false,
    ADD holds_first_posts boolean NOT NULL DEFAULT false,
    ADD slow_seconds integer NOT NULL DEFAULT 0 CHECK (slow_seconds BETWEEN 0 AND 86400),
    ADD seen_by text NOT NULL DEFAULT 'readers' CHECK (seen_by IN ('readers', 'members', 'everyone')),
    ADD version integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT category_description_check CHECK (length(description) <= 500),
    ADD CONSTRAINT category_ask_template_check CHECK (length(ask_template) <= 5000),
    ADD CONSTRAINT category_default_kind_check
        CHECK (default_kind IN ('question', 'discussion', 'review', 'resource', 'event', 'announcement'));

-- Addresses categories had before: they lead to the new one, for those who may read it.
CREATE TABLE category_address (
    slug        text PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
    category_id bigint NOT NULL REFERENCES category ON DELETE CASCADE
);
CREATE INDEX category_address_category ON category_address (category_id);
CREATE INDEX category_parent ON category (parent_id);

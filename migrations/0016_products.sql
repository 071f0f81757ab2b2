-- Why: vendors and what they sell, under every name people use for it, and which districts run it.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

CREATE TABLE vendor (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    compared    text NOT NULL UNIQUE CHECK (length(compared) BETWEEN 1 AND 200),
    created_at  timestamptz NOT NULL DEFAULT now()
);
-- The accounts of a vendor's people.
CREATE TABLE vendor_account (
    member_id   bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    vendor_id   bigint NOT NULL REFERENCES vendor ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vendor_account_vendor ON vendor_account (vendor_id);

CREATE TABLE product_category (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 80)
);
CREATE UNIQUE INDEX product_category_name ON product_category (lower(name));

CREATE TABLE product (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vendor_id      bigint NOT NULL REFERENCES vendor,
    category_id    bigint NOT NULL REFERENCES product_category,
    slug           text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
    name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    about          text NOT NULL DEFAULT '' CHECK (length(about) <= 1000),
    website        text NOT NULL DEFAULT '' CHECK (length(website) <= 300),
    status         text NOT NULL DEFAULT 'current' CHECK (status IN ('current', 'renamed', 'discontinued')),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX product_vendor ON product (vendor_id);
CREATE INDEX product_category_products ON product (category_id, lower(name), id);
CREATE INDEX product_by_name ON product (lower(name), id);

-- Every name a product has or had, as it is compared: without case, spaces and signs. One name leads to one product.
CREATE TABLE product_name (
    compared    text PRIMARY KEY CHECK (length(compared) BETWEEN 1 AND 200),
    product_id  bigint NOT NULL REFERENCES product ON DELETE CASCADE,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120)
);
CREATE INDEX product_name_product ON product_name (product_id);
CREATE INDEX product_name_like ON product_name USING gin (compared gin_trgm_ops);
-- Addresses that products had which are one with another now.
CREATE TABLE product_address (
    slug        text PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
    product_id  bigint NOT NULL REFERENCES product ON DELETE CASCADE
);
CREATE INDEX product_address_product ON product_address (product_id);

-- Which districts run a product, as the newest word of one of their members has it.
CREATE TABLE product_use (
    product_id  bigint NOT NULL REFERENCES product ON DELETE CASCADE,
    district_id bigint NOT NULL REFERENCES district ON DELETE CASCADE,
    since_year  smallint CHECK (since_year BETWEEN 1970 AND 2100),
    left_year   smallint CHECK (left_year BETWEEN 1970 AND 2100 AND left_year >= coalesce(since_year, 1970)),
    said_by     bigint REFERENCES member ON DELETE SET NULL,
    said_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (product_id, district_id)
);
CREATE INDEX product_use_district ON product_use (district_id);
CREATE INDEX product_use_said_by ON product_use (said_by);

-- What members miss: an administrator decides. It is no product before, so no list or count has to know of it.
CREATE TABLE product_suggestion (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id      bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    compared       text NOT NULL CHECK (length(compared) BETWEEN 1 AND 200),
    vendor_name    text NOT NULL CHECK (length(vendor_name) BETWEEN 1 AND 120),
    category_id    bigint NOT NULL REFERENCES product_category,
    website        text NOT NULL DEFAULT '' CHECK (length(website) <= 300),
    note           text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    created_at     timestamptz NOT NULL DEFAULT now(),
    decided_at     timestamptz,
    product_id     bigint REFERENCES product ON DELETE SET NULL
);
CREATE UNIQUE INDEX product_suggestion_open ON product_suggestion (member_id, compared) WHERE decided_at IS NULL;
CREATE INDEX product_suggestion_product ON product_suggestion (product_id);
CREATE INDEX product_suggestion_category ON product_suggestion (category_id);

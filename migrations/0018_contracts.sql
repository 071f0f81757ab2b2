-- Why: districts keep their contracts, with the day by which notice must be given, a private calendar of them, and
-- lists of them that are looked at before they are stored. Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- A product that has contracts cannot go without handing them over, see forum/renewals/commands.py. Two contracts of
-- a district for one product may end on one day, after two products became one: nothing is lost then.
CREATE TABLE contract (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id   bigint NOT NULL REFERENCES district ON DELETE CASCADE,
    product_id    bigint NOT NULL REFERENCES product,
    ends_on       date NOT NULL CHECK (ends_on BETWEEN '1990-01-01' AND '2100-12-31'),
    notice_days   smallint NOT NULL DEFAULT 90 CHECK (notice_days BETWEEN 0 AND 730),
    notice_on     date NOT NULL GENERATED ALWAYS AS (ends_on - notice_days) STORED,
    term_months   smallint NOT NULL CHECK (term_months BETWEEN 1 AND 120),
    yearly_cents  bigint CHECK (yearly_cents BETWEEN 0 AND 10000000000),
    visibility    text NOT NULL DEFAULT 'us' CHECK (visibility IN ('us', 'staff', 'members')),
    note          text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    version       integer NOT NULL DEFAULT 1,
    created_by    bigint REFERENCES member ON DELETE SET NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contract_district ON contract (district_id, notice_on, id);
CREATE INDEX contract_product ON contract (product_id);
CREATE INDEX contract_open ON contract (notice_on, id) WHERE visibility <> 'us';
CREATE INDEX contract_created_by ON contract (created_by);

-- A list of contracts somebody is looking at: read anew whenever it is shown, and stored once.
CREATE TABLE contract_list (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id   bigint NOT NULL REFERENCES district ON DELETE CASCADE,
    created_by    bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    source        text NOT NULL CHECK (length(source) <= 300000),
    created_at    timestamptz NOT NULL DEFAULT now(),
    confirmed_at  timestamptz,
    stored        integer NOT NULL DEFAULT 0
);
CREATE INDEX contract_list_district ON contract_list (district_id);
CREATE INDEX contract_list_created_by ON contract_list (created_by);

-- A member's private address for calendars: whoever holds the token reads what that member may read then.
CREATE TABLE contract_feed (
    member_id     bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    token_hash    bytea NOT NULL UNIQUE,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Why: staff acts are kept, members can be silenced or suspended, sessions know when they were last confirmed.
-- Safe online: new tables, and columns with defaults that the older code does not read.
SET LOCAL lock_timeout = '4s';

-- Who did what to what; before and after hold the few fields that changed.
CREATE TABLE audit_entry (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act          text NOT NULL CHECK (act ~ '^[a-z_]+\.[a-z_]+$'),
    actor_id     bigint REFERENCES member ON DELETE SET NULL,
    subject_kind text NOT NULL CHECK (subject_kind ~ '^[a-z_]+$'),
    subject_id   bigint NOT NULL,
    category_id  bigint REFERENCES category ON DELETE SET NULL,
    before       jsonb NOT NULL DEFAULT '{}',
    after        jsonb NOT NULL DEFAULT '{}',
    reason       text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    is_public    boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_entry_newest ON audit_entry (id DESC, category_id);
CREATE INDEX audit_entry_subject ON audit_entry (subject_kind, subject_id, id DESC);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, id DESC);

ALTER TABLE session
    ADD confirmed_at timestamptz NOT NULL DEFAULT now(),
    ADD second_factor_at timestamptz,
    ADD place text NOT NULL DEFAULT '' CHECK (length(place) <= 120);

-- Members who may read but not write: everywhere, or in one category.
CREATE TABLE silence (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    category_id bigint REFERENCES category ON DELETE CASCADE,
    until       timestamptz NOT NULL,
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    created_by  bigint REFERENCES member ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX silence_of_member ON silence (member_id, coalesce(category_id, 0));

ALTER TABLE member DROP CONSTRAINT member_state_check;
ALTER TABLE member
    ADD CONSTRAINT member_state_check
        CHECK (state IN ('active', 'unclaimed', 'suspended', 'deactivated', 'deleted')),
    ADD suspended_until timestamptz,
    ADD suspension_reason text NOT NULL DEFAULT '' CHECK (length(suspension_reason) <= 500);

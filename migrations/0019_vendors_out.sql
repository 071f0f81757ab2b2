-- Why: whoever begins a thread may keep vendors out of it, and what is said of one vendor's product is closed to the
-- others. Safe online: columns with constant defaults and two small indexes; old code only does not know the rule yet.
SET LOCAL lock_timeout = '4s';

ALTER TABLE thread
    ADD COLUMN keeps_vendors_out boolean NOT NULL DEFAULT false,
    -- Of vendors only this one's accounts may read it; NULL: it is no vendor's room.
    ADD COLUMN vendor_id bigint REFERENCES vendor;
ALTER TABLE held_post ADD COLUMN keeps_vendors_out boolean NOT NULL DEFAULT false;

CREATE INDEX thread_vendor ON thread (vendor_id) WHERE vendor_id IS NOT NULL;
-- What is taken off a category's count for those who do not see it.
CREATE INDEX thread_not_for_all ON thread (category_id) WHERE keeps_vendors_out OR vendor_id IS NOT NULL;

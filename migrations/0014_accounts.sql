-- Why: two accounts of one person become one. Safe online: a new column only.
SET LOCAL lock_timeout = '4s';
ALTER TABLE member ADD merged_into bigint REFERENCES member;
CREATE INDEX member_merged ON member (merged_into) WHERE merged_into IS NOT NULL;

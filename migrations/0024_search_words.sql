-- Why: search learns which words mean the same, staff see what is looked for in vain, and members keep searches.
-- Safe online: new tables only.
SET LOCAL lock_timeout = '4s';

-- Words and phrases that mean the same, in small letters, with ", " between them. A term stands in one group only.
CREATE TABLE search_synonym (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    terms       text NOT NULL UNIQUE CHECK (length(terms) BETWEEN 3 AND 750),
    version     integer NOT NULL DEFAULT 1,
    changed_by  bigint REFERENCES member ON DELETE SET NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT search_synonym_terms_are_short CHECK (terms !~ '[^,]{62}')
);
CREATE INDEX search_synonym_changed_by ON search_synonym (changed_by);

INSERT INTO search_synonym (terms) VALUES
    ('sis, student information system'),
    ('lms, learning management system'),
    ('mdm, mobile device management, device management'),
    ('sso, single sign-on, single sign on'),
    ('mfa, 2fa, multi-factor authentication, two-factor authentication, second factor'),
    ('e-rate, erate, e rate, universal service discount'),
    ('form 470, 470'),
    ('form 471, 471'),
    ('pia, program integrity assurance'),
    ('usac, universal service administrative company'),
    ('cipa, children''s internet protection act'),
    ('coppa, children''s online privacy protection act'),
    ('ferpa, family educational rights and privacy act'),
    ('dpa, data privacy agreement, data processing agreement'),
    ('gws, google workspace, g suite, gsuite, google apps'),
    ('m365, microsoft 365, office 365, o365'),
    ('1:1, one to one, one-to-one'),
    ('aup, acceptable use policy, responsible use policy'),
    ('rfp, request for proposals, request for proposal'),
    ('ap, access point'),
    ('wi-fi, wifi, wireless'),
    ('edr, endpoint detection and response'),
    ('mdr, managed detection and response'),
    ('siem, security event management'),
    ('voip, voice over ip, ip phones'),
    ('iep, individualized education program'),
    ('ell, english language learners'),
    ('pd, professional development'),
    ('ad, active directory'),
    ('vpn, virtual private network'),
    ('ups, uninterruptible power supply, battery backup'),
    ('vdi, virtual desktops'),
    ('byod, bring your own device'),
    ('soc, security operations center'),
    ('dr, disaster recovery');

-- What is looked for, and how often nothing was found: counts of a day. Nothing says who looked.
CREATE TABLE search_asked (
    day         date NOT NULL DEFAULT current_date,
    words       text NOT NULL CHECK (length(words) BETWEEN 1 AND 200),
    asked       integer NOT NULL,
    unfound     integer NOT NULL,
    PRIMARY KEY (day, words),
    CONSTRAINT search_asked_unfound_is_asked CHECK (unfound BETWEEN 0 AND asked),
    CONSTRAINT search_asked_names_nobody CHECK (words !~ '@|[0-9]{5}')
);

-- A search as a member typed it, filters and all. Who follows one hears of what is new in it.
CREATE TABLE saved_search (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id    bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    name         text NOT NULL DEFAULT '' CHECK (length(name) <= 80),
    query        text NOT NULL CHECK (length(query) BETWEEN 1 AND 500),
    is_followed  boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX saved_search_once ON saved_search (member_id, lower(query));

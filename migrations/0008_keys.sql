-- Why: passkeys, one-time codes and recovery codes; a mailed link may belong to one session, to show again who it is.
-- Safe online: new tables, a column without default, a wider check, and a trigger that ends sessions of closed accounts.
SET LOCAL lock_timeout = '4s';

CREATE TABLE passkey (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id     bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    credential_id bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    public_key    bytea NOT NULL CHECK (length(public_key) <= 4096),
    sign_count    bigint NOT NULL DEFAULT 0,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX passkey_member ON passkey (member_id);

-- What a browser was asked to sign: used once, by the browser that holds it, in the session it was made for.
CREATE TABLE passkey_challenge (
    challenge_hash bytea PRIMARY KEY,
    purpose        text NOT NULL CHECK (purpose IN ('register', 'sign-in', 'confirm')),
    session_id     bigint REFERENCES session ON DELETE CASCADE,
    expires_at     timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_expires ON passkey_challenge (expires_at);

-- The secret behind the codes of an authenticator app. Without confirmed_at it is being set up.
CREATE TABLE code_secret (
    member_id    bigint PRIMARY KEY REFERENCES member ON DELETE CASCADE,
    secret       text NOT NULL CHECK (length(secret) BETWEEN 16 AND 64),
    last_step    bigint NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz
);
CREATE TABLE recovery_code (
    member_id bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (member_id, code_hash)
);

ALTER TABLE mailed_link DROP CONSTRAINT mailed_link_purpose_check;
ALTER TABLE mailed_link
    ADD CONSTRAINT mailed_link_purpose_check CHECK (purpose IN ('sign-in', 'join', 'address', 'confirm')),
    ADD session_id bigint REFERENCES session ON DELETE CASCADE;
CREATE INDEX mailed_link_session ON mailed_link (session_id) WHERE session_id IS NOT NULL;

-- Whoever closes an account, by whatever command, leaves none of its browsers signed in.
CREATE FUNCTION end_sessions_of_closed_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM session WHERE member_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER member_closed AFTER UPDATE OF state ON member
    FOR EACH ROW WHEN (NEW.state <> 'active' AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION end_sessions_of_closed_account();

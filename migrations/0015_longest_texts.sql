-- Why: the newest tables, too, say how long a text may be. Safe online: checks of new rows only.
SET LOCAL lock_timeout = '4s';

ALTER TABLE oidc_attempt
    ADD CONSTRAINT oidc_attempt_provider_length CHECK (length(provider) <= 60) NOT VALID,
    ADD CONSTRAINT oidc_attempt_next_path_length CHECK (length(next_path) <= 1000) NOT VALID;
ALTER TABLE address_notice ADD CONSTRAINT address_notice_happened_length CHECK (length(happened) <= 500) NOT VALID;
ALTER TABLE held_post
    ADD CONSTRAINT held_post_kind_length CHECK (length(kind) <= 40) NOT VALID,
    ADD CONSTRAINT held_post_body_length CHECK (length(body) <= 300000) NOT VALID,
    ADD CONSTRAINT held_post_client_key_length CHECK (length(client_key) <= 300) NOT VALID;
ALTER TABLE queue_item ADD CONSTRAINT queue_item_kind_length CHECK (length(kind) <= 40) NOT VALID;

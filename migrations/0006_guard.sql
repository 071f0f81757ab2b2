-- Why: a form sent twice does its work once; every text has a longest. Safe online: a new table, checks of new rows.
SET LOCAL lock_timeout = '4s';

-- Where the first answer of a form led; mark: hash of session, the form's key, path and fields.
CREATE TABLE form_receipt (
    mark        bytea PRIMARY KEY CHECK (length(mark) = 32),
    location    text NOT NULL CHECK (length(location) <= 2000),
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- Take the form's lock; where its receipt is there already, let go and say where it led. Each statement in here sees
-- what was committed before it began, so whoever waited finds the receipt of whoever was first.
CREATE FUNCTION claim_form(form_lock bigint, form_mark bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_location text;
BEGIN
    PERFORM pg_advisory_lock(form_lock);
    SELECT location INTO found_location FROM form_receipt WHERE mark = form_mark;
    IF found_location IS NOT NULL THEN
        PERFORM pg_advisory_unlock(form_lock);
    END IF;
    RETURN found_location;
END
$$;

-- The longest each text may be, where nothing said so yet. NOT VALID: rows that are there are not read, new ones are.
ALTER TABLE audit_entry
    ADD CONSTRAINT audit_entry_act_length CHECK (length(act) <= 80) NOT VALID,
    ADD CONSTRAINT audit_entry_subject_kind_length CHECK (length(subject_kind) <= 40) NOT VALID;
ALTER TABLE member_group
    ADD CONSTRAINT member_group_slug_length CHECK (length(slug) <= 80) NOT VALID,
    ADD CONSTRAINT member_group_name_length CHECK (length(name) <= 120) NOT VALID;
ALTER TABLE sign_in_request
    ADD CONSTRAINT sign_in_request_address_length CHECK (length(address) <= 254) NOT VALID,
    ADD CONSTRAINT sign_in_request_next_path_length CHECK (length(next_path) <= 1000) NOT VALID;
ALTER TABLE mailed_link
    ADD CONSTRAINT mailed_link_address_length CHECK (length(address) <= 254) NOT VALID,
    ADD CONSTRAINT mailed_link_next_path_length CHECK (length(next_path) <= 1000) NOT VALID;
ALTER TABLE session ADD CONSTRAINT session_device_length CHECK (length(device) <= 120) NOT VALID;
ALTER TABLE invitation ADD CONSTRAINT invitation_address_length CHECK (length(address) <= 254) NOT VALID;
ALTER TABLE join_request ADD CONSTRAINT join_request_address_length CHECK (length(address) <= 254) NOT VALID;
ALTER TABLE thread
    ADD CONSTRAINT thread_slug_length CHECK (length(slug) <= 80) NOT VALID,
    ADD CONSTRAINT thread_delete_reason_length CHECK (length(delete_reason) <= 500) NOT VALID,
    ADD CONSTRAINT thread_client_key_length CHECK (length(client_key) <= 300) NOT VALID;
-- A post of a mailing list may be longer than one typed here.
ALTER TABLE post
    ADD CONSTRAINT post_source_length CHECK (length(source) <= 300000) NOT VALID,
    ADD CONSTRAINT post_html_length CHECK (length(html) <= 4000000) NOT VALID,
    ADD CONSTRAINT post_delete_reason_length CHECK (length(delete_reason) <= 500) NOT VALID,
    ADD CONSTRAINT post_client_key_length CHECK (length(client_key) <= 300) NOT VALID;
ALTER TABLE post_revision
    ADD CONSTRAINT post_revision_source_length CHECK (length(source) <= 300000) NOT VALID,
    ADD CONSTRAINT post_revision_heading_length CHECK (length(heading) <= 1000) NOT VALID;
ALTER TABLE mail_message
    ADD CONSTRAINT mail_message_message_id_length CHECK (length(message_id) <= 300) NOT VALID,
    ADD CONSTRAINT mail_message_reference_ids_length CHECK (cardinality(reference_ids) <= 100) NOT VALID,
    ADD CONSTRAINT mail_message_author_key_length CHECK (length(author_key) <= 5000) NOT VALID,
    ADD CONSTRAINT mail_message_author_name_length CHECK (length(author_name) <= 300) NOT VALID,
    ADD CONSTRAINT mail_message_author_address_length CHECK (length(author_address) <= 5000) NOT VALID,
    ADD CONSTRAINT mail_message_title_length CHECK (length(title) <= 5000) NOT VALID,
    ADD CONSTRAINT mail_message_subject_key_length CHECK (length(subject_key) <= 5000) NOT VALID,
    ADD CONSTRAINT mail_message_source_length CHECK (length(source) <= 300000) NOT VALID,
    ADD CONSTRAINT mail_message_html_length CHECK (length(html) <= 4000000) NOT VALID;
ALTER TABLE mail_list_address ADD CONSTRAINT mail_list_address_length CHECK (length(address) <= 5000) NOT VALID;
ALTER TABLE mail_author ADD CONSTRAINT mail_author_key_length CHECK (length(key) <= 5000) NOT VALID;
ALTER TABLE screen_mail
    ADD CONSTRAINT screen_mail_recipient_length CHECK (length(recipient) <= 1000) NOT VALID,
    ADD CONSTRAINT screen_mail_subject_length CHECK (length(subject) <= 1000) NOT VALID,
    ADD CONSTRAINT screen_mail_body_length CHECK (length(body) <= 1000000) NOT VALID;
ALTER TABLE limit_count ADD CONSTRAINT limit_count_key_length CHECK (length(key) <= 200) NOT VALID;

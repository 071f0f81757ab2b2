"""The archive import. Tables: mail_import, mail_message, mail_known_id, mail_conversation, mail_list_address,
mail_author."""

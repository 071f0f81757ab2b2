"""Following: what members want to hear of, how often, and when. Owns follow, follow_search, mail_wish, quiet_time."""

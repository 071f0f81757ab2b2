"""Moderation: flags, the queue of what waits for a decision, the log, notes about members, weekly figures.

Owns the tables post_flag, queue_item, reason_template and staff_note.
"""

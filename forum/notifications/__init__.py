"""Notifications: what is new for a member, by thread, and the bell that counts it. Owns the table notification."""

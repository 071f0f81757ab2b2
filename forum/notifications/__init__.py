"""Notifications: one row for a member and a thread they should look at. Owns the table notification."""

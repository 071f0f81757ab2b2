"""Screening: words that stop a post, hold it for a moderator or lead to an answer. Owns the table watched_word."""

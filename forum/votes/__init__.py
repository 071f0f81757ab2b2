"""Votes: who found which post helpful. Owns the table helpful_vote."""

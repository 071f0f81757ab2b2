"""Threads of every kind, their posts, revisions, accepted answers, drafts and read marks.

Owns the tables thread, post, post_revision, held_post, draft and read_mark.
"""

"""Members: people, how they join and sign in, their sessions and profiles.

Owns the tables member, member_email, member_group, group_member, sign_in_request,
mailed_link, session, invitation and join_request.
"""

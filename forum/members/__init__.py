"""Members: people, how they join and sign in, their sessions and profiles.

Owns the tables member, member_email, member_privacy, member_group, group_member, silence, sign_in_request,
mailed_link, session, invitation, invitation_list, invitation_row and join_request.
"""

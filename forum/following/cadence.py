"""How often the digest of a member comes, for what has no cadence of its own: mentions, and threads they join in."""

# Of the member in row `r`, in days. Whoever follows nothing by digest gets one a week.
OWN_CADENCE = """
    coalesce((SELECT min(g.every_days) FROM follow g WHERE g.member_id = r.id AND g.level = 'digest'), 7)
"""

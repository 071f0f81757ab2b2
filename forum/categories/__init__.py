"""Categories: the tree of subjects and who may read, reply, start and moderate in each.

Owns the tables category, category_address, category_group and category_moderator.
"""

"""Renewals: the contracts of districts, when notice of each is due, and who else renews what when.

Owns the tables contract, contract_list and contract_feed.
"""

"""What a member does with the whole account: take everything along, close it, delete it, join two into one.

Owns no table: each room says in its account.py what it holds of a member, and wiring.HOLDINGS lists them.
"""

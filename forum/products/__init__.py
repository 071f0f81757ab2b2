"""Products: what vendors sell, under every name people use for it, and which districts run it.

Owns the tables vendor, vendor_account, product_category, product, product_name, product_address, product_use,
product_suggestion and switch_story, and what its files name.
"""

"""Products: what vendors sell, under every name people use for it, and which districts run it.

Owns the tables vendor, vendor_account, product_category, product, product_name, product_address, product_use and
product_suggestion.
"""

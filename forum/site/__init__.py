"""What the site is called, looks like and says of itself.

Owns the tables site_setting, announcement, site_page, terms_consent and mail_test.
"""

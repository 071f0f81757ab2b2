"""How members show who they are beside a mailed link: accounts elsewhere, addresses, passkeys, one-time codes.

Owns the tables identity, oidc_attempt, address_request, address_notice, passkey, passkey_challenge, code_secret and
recovery_code.
"""

"""The record of what staff and the system did to people and things. Owns the table audit_entry."""

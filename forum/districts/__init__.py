"""Districts: the organisations members belong to. Owns the tables district and district_domain."""

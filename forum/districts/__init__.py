"""Districts: the organisations members belong to. Owns the tables district, district_domain and domain_rule."""

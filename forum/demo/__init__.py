"""The demo: a community of invented people, loaded into an empty database; owns no tables."""

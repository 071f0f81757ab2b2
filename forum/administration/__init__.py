"""The administrators' pages: what is left to set up, the site's look and words, mail, jobs. Owns no table."""

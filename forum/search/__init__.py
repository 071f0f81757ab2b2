"""Search: find threads by words. PostgreSQL answers; a search engine may later."""

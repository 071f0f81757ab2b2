"""Search: whatever may be read is found by its words, by Meilisearch or by PostgreSQL.

Owns search_document, search_word, search_month, search_change, search_alone, search_synonym, search_asked and
saved_search. ranking.py says how results are ordered, kinds.py what can be found, finding.py how one search goes.
"""

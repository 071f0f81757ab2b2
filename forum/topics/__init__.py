"""Topics: tags people follow, their synonyms, and which threads carry them.

Owns the tables topic, topic_synonym and thread_topic.
"""

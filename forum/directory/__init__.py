"""The directory: members to be found by what they show of themselves and by what they answer. Owns no table."""

"""Digests: when each is due, what time it tells of, what stands in it. Owns digest_plan and digest_mark."""

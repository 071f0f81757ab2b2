"""How results are ordered: every choice of both engines, each with its reason. Nothing here is said elsewhere."""

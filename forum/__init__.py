"""Staffroom: a forum and Q&A engine for professional communities."""

__version__ = "0.1.0"

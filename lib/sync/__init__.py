"""Fills a store from a source of real rows: only what is missing, and never paid for twice."""

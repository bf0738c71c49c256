"""Comparison: everything that is told of one package, for several of them side by side."""

"""Figures that only rankings have: the flow of ranks, and packages by group."""

"""Stores: where cubes are held and queried."""

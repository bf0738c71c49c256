"""Tests of PyPI Pulse."""

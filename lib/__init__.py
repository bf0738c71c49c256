"""PyPI Pulse: downloads of Python packages, stored, queried, analyzed and drawn."""

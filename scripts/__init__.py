"""Scripts that make assets and set machines up."""

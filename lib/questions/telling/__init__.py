"""How findings tell what was found: words, numbers, and the figures that several of them draw."""

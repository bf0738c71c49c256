"""The parts of the Live page: controls, and the cards that look again and again."""

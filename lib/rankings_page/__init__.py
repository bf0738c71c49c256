"""The parts of the Rankings page: its widgets, what it says first, and its cards."""

"""The parts of the Package page: one package, whole."""

"""The parts of the Data page, one module each: what is held, at what cost, and how to get more."""

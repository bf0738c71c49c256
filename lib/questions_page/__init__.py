"""The parts of the Questions page: the catalog, what was understood, the parameters, a finding."""

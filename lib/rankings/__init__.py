"""Rankings of packages: what is ranked as a value, the lists, and what moved in them."""

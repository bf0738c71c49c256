"""How everything that a project depends on is doing: a report on a set of packages."""

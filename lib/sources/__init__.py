"""Sources: what fills a store with rows."""

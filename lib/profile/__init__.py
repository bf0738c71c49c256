"""What is computed about one package: from the store to values, without a page."""

"""What questions ask of the store: rows gathered and computed, without the words of a finding."""

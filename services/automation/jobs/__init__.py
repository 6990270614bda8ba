"""Work besides messages and requests."""

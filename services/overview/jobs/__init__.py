"""What workers do besides their messages, and what an operator starts: numbering arrivals, upkeep, rebuilding."""

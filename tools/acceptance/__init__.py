"""Real trading records through the public REST of a running stack: what was expected, and what was seen."""

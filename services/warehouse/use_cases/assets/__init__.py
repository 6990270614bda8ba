"""A company's assets: what is done with them, who asked for them, and what goods that are shipped or come back add."""

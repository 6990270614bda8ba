"""Merging customers into one of them: planned first, nothing dropped, undone while nothing stands against it."""

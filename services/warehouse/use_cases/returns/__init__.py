"""Returns: requested, decided about, counted in, inspected and closed."""

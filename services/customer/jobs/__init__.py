"""What the worker does by itself, besides imports."""

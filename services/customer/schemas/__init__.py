"""HTTP shapes, in and out."""

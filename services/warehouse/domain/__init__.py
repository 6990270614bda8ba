"""The rules of stock, of what is promised of it, and of shipments."""

"""What the worker does by itself besides imports, and what an operator starts."""

"""What was delivered to customers and what it costs, before any invoice. Owns charges and the decisions about what was
parked of them; never the state of an order, nor its prices, stock or switches."""

"""Calls to the services: pooled connections, a circuit breaker, and what the gateway asks of identity and overview."""

"""Real servers for tests and benchmarks: one PostgreSQL and one RabbitMQ a run, and private ones to kill."""

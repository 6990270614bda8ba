"""The transport of events: one port, an adapter for RabbitMQ and one inside a process."""

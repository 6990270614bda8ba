"""The edge cases of ordering as people meet them: through the gateway, every service, and RabbitMQ between them."""

"""A producer and a consumer as small as they can be, for the tests and benchmarks of the bus."""

"""Real servers for the tests: each starts from a temporary directory, on loopback, and ends with the test session."""

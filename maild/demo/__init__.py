"""`maild demo`: mail servers in this process, the real daemon, and a short story for a newcomer (extra `demo`)."""

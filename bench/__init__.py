"""The figures of `make bench`: the daemon as it ships against the cheapest honest pipeline, on the same mails and servers."""

"""`maild check`: does everything work that maild needs, and what can the mail host do? Looks, and changes nothing that is not its own."""

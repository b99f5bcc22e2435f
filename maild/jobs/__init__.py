"""The movers: each takes from one station and gives to the next, and knows nothing of the others."""

"""The composition root: configuration in, ready objects out. The only floor that reads the wall clock and asks for randomness."""

from maild.app.house import House
from maild.app.world import Clock

__all__ = ["Clock", "House"]

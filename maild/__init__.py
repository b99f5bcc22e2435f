"""maild: a Code of Conduct response desk that works by e-mail."""

__version__ = "0.1.0"

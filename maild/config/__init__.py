"""One TOML file to one frozen `Config`, or to the list of everything that is wrong with it."""

from maild.config.load import load_config
from maild.config.model import Config
from maild.config.secret import Secret

__all__ = ["Config", "Secret", "load_config"]

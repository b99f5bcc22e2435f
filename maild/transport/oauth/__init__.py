"""How access tokens are come by: the provider's endpoints over HTTPS, and the ear on loopback that hears of a consent."""

from maild.transport.oauth.endpoints import Client, Device, Endpoints, Grant, google, microsoft, moved
from maild.transport.oauth.loopback import Ear, Heard, challenge_of, heard_in

__all__ = ["Client", "Device", "Ear", "Endpoints", "Grant", "Heard", "challenge_of", "google", "heard_in", "microsoft", "moved"]

"""A parcel as one sealed value: the envelope on a line of its own, then exactly the bytes that go out."""

import json

from maild.ports import Parcel


def packed(parcel: Parcel) -> bytes:
    """A parcel ready to be sealed."""
    envelope = [parcel.message_id, parcel.envelope_sender, parcel.recipient]
    return json.dumps(envelope).encode("ascii") + b"\n" + parcel.raw


def opened(value: bytes) -> Parcel:
    """The parcel that was packed."""
    envelope, _, raw = value.partition(b"\n")
    message_id, envelope_sender, recipient = json.loads(envelope)
    return Parcel(message_id=message_id, envelope_sender=envelope_sender, recipient=recipient, raw=raw)

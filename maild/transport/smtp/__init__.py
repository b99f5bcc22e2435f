"""How mail leaves: a `Courier` on one SMTP connection. asyncio begins and ends in this package.

`envelope` is what SMTP demands of a parcel and what may be kept of an answer, `wire` one connection, `courier` the life of maild's
connections, seen from the thread that delivers.
"""

from maild.transport.smtp.courier import SmtpCourier
from maild.transport.smtp.wire import SmtpSettings

__all__ = ["SmtpCourier", "SmtpSettings"]

"""Addresses that belong to no person: what their local parts say, in the languages around us."""

import re

_LOCAL_LIMIT = 64

_UNREAD = re.compile(
    r"(?:mailer-daemon|postmaster|root|listserv|majordomo)(?:\+.*)?|(?:.*-)?bounces?(?:[-+=].*)?"
    r"|(?:.*[-_.])?(?:no[-_.]?(?:repl(?:y|ies)|answer)|do(?:[-_.]?not|nt)[-_.]?(?:reply|respond|answer)|auto[-_]?(?:repl(?:y|ies)|respond(?:er)?)"
    r"|(?:keine|nicht)[-_.]?antwort(?:en)?|ne[-_.]?pas[-_.]?repondre|no[-_.]?(?:responder|contestar)|n[aã]o[-_.]?responda|non?[-_.]?rispondere"
    r"|niet[-_.]?(?:be)?antwoorden|svara[-_.]?(?:inte|ej)|(?:svar|besvar)[-_.]?ikke|ikke[-_.]?svar|nie[-_.]?odpowiadaj|neodpovidat)\d{0,9}(?:[-_.+].*)?"
)
"""Local parts nobody reads: those of RFC 5230 section 4.6, and what says so in the languages around us."""


def is_unread(address: str) -> bool:
    """Does nobody read what is sent there?"""
    return bool(_UNREAD.fullmatch(local_part(address)))


def local_part(address: str) -> str:
    """The local part, lower-cased, at most as long as an honest one (RFC 5321 section 4.5.3.1.1)."""
    return address.lower().rpartition("@")[0][:_LOCAL_LIMIT]

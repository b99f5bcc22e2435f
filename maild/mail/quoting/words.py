"""The words of words.toml, folded (`str.casefold`) and put together: which language a mail is in does not matter for reading it."""

import re
import tomllib
from enum import Enum
from importlib.resources import files

_LANGUAGES = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8")).values()


def _every(kind: str) -> frozenset[str]:
    return frozenset(word.casefold() for language in _LANGUAGES for word in language.get(kind, ()))


class Label(Enum):
    """What a line of a quoted header block holds."""

    FROM = "from"
    SENT = "sent"
    TO = "to"
    SUBJECT = "subject"
    OTHER = "cc"


LABELS = {word: label for label in reversed(Label) for word in _every(label.value)}
"""What stands before the colon in a quoted header block, and what it means."""

WROTE = _every("wrote")
HAS = _every("has")
"""Where the verb has two halves and the date stands between them."""
WROTE_JOINED = _every("joined")
"""In scripts that do not set words apart."""
OPENERS = _every("opens")
CITES = tuple(f"{word} " for word in sorted(_every("cites")))
PEOPLE = _every("people")
"""A mail program names the writer; a person telling what happened says `he wrote`, and that is a sentence, not an attribution."""

PEOPLE_JOINED = tuple(word for word in PEOPLE if not word.isascii() and not word[0].islower())
"""Those of scripts that do not set words apart, and have no small letters."""

ORIGINAL = _every("original")
FORWARDED = _every("forwarded")
FORWARD_BEGINS = _every("begins")
REPLY_ABOVE = _every("above")
FORWARD_SUBJECTS = _every("fwd")
"""`VS` is left out: a forward in Danish, an answer in Finnish."""

SENT_FROM = tuple(_every("sent_from"))
SENT_FROM_ENDS = (
    "gesendet",
    "gesendet.",
    "から送信",
    "から送信されました",
    "에서 보냄",
    "gönderildi",
    "傳送",
    "发送",
    "via mobile",
    "से भेजा गया",
    "を入手",
    "を入手する",
    "outlook'u edinin",
    "outlook’u edinin",
)
"""How such a line ends, in languages that put the verb last."""
MAKERS = ("samsung", "galaxy", "huawei", "xiaomi", "redmi", "oneplus", "pixel", "nokia", "htc", "sony")
_DEVICES = (
    *("iphon", "ipad", "android", *MAKERS),
    *("blackberry", "phone", "mobil", "handy", "tablet", "telefon", "téléphone", "teléfono", "телефон", "手机", "手機", "device"),
    *("outlook", "mail", "windows", "gmx", "web.de", "proton", "yahoo", "thunderbird", "dispositivo", "אייפון"),
    "vodafone",
)
_PROGRAMS = ("spark", "superhuman", "boxer", "tuta")
DEVICE = re.compile(
    rf"{'|'.join(map(re.escape, _DEVICES))}|(?<!\w)(?:ios|app)(?!\w)|(?<!\w)(?:{'|'.join(_PROGRAMS)})(?:\W{{0,3}}\Z| (?:e?mail|for|für|pour|per|para) )"
)
"""One of these is in every such line; `Sent from my kitchen` is somebody's sentence."""

LIST_FOOTER = ("mailing list", "mailing-list", "listinfo", "mailman", "unsubscribe")
"""Words of the footer a mailing list adds."""

"""Bytes to text when the label is missing, wrong or unknown: always text, never an exception, never a lone surrogate.

The order is the one mail readers settled on: what the label says, else UTF-8, else Windows-1252 (a superset of ISO-8859-1 in
which every Western mail that forgot its label is written).
"""

import codecs
import re
from base64 import b64decode
from binascii import Error as BrokenBase64
from collections.abc import Iterator
from functools import lru_cache
from quopri import decodestring

_LABELS = {
    # The label names less than what is written under it (WHATWG Encoding Standard, section 4.2).
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "cp950",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "mac": "mac_roman",
    "mac-ce": "mac_latin2",
    "mac-cyrillic": "mac_cyrillic",
    "mac-greek": "mac_greek",
    "mac-turkish": "mac_turkish",
    "macintosh": "mac_roman",
    # What no registry knows and mailers write.
    "big5-hkscs": "big5hkscs",
    "cn-big5": "cp950",
    "cn-gb": "gb18030",
    "euc-cn": "gb18030",
    "euc-jp-ms": "euc_jp",
    "gb-2312": "gb18030",
    "gb18030-2022": "gb18030",
    "gb_2312": "gb18030",
    "gbk2312": "gb18030",
    "iso-10646-ucs-2": "utf-16-be",
    "koi8": "koi8_r",
    "koi8-ru": "koi8_u",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "ks_c_5601-1989": "cp949",
    "ksc_5601": "cp949",
    "latin-9": "iso8859-15",
    "ucs-2": "utf-16",
    "unicode": "utf-16",
    "unicodefffe": "utf-16-be",
    "utf-8mb4": "utf-8",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "win": "cp1252",
}
_PAGE = re.compile(r"(?:windows|win|cp|dos|ibm|ansi|ms|cswindows)[-_]?(\d{2,5})")
_PAGES = {"31": "cp932", "936": "gb18030", "50220": "iso2022_jp_ext", "50221": "iso2022_jp_ext", "51932": "euc_jp", "65001": "utf-8"}
"""Numbers by which Microsoft knows a charset and Python does not."""
_ISO = re.compile(r"iso[-_]?8859[-_](\d{1,2})")
_NOT_TEXT = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
"""Codecs of Python that no mail is written in; some never end well (`undefined` raises, `idna` is quadratic)."""
_WESTERN = {"cp1252", "cp1254", "utf-8", "iso8859-15", "cp1250", "cp850", "cp437"} | {
    "mac-roman",
    "mac-cyrillic",
    "mac-greek",
    "mac-latin2",
    "mac-turkish",
}
"""Codecs under whose labels UTF-8 is often sent. Text in them that happens to be valid UTF-8 with letters beyond ASCII does not occur."""
_SINGLE = {
    "cp1251",
    "koi8-r",
    "koi8-u",
    "cp1253",
    "cp1255",
    "cp1257",
    "iso8859-2",
    "iso8859-3",
    "iso8859-4",
    "iso8859-9",
    "iso8859-13",
    "iso8859-16",
}
"""Others of which the same is true. Thai and all-capital ISO-8859-5 are not among them: there two letters may look like one of UTF-8."""
_MARKS_OF_WIDTH = (b"\xff\xfe", b"\xfe\xff")
_JAPANESE_ESCAPES = (b"\x1b$", b"\x1b(B", b"\x1b(J")
_HIGH_BITS = bytes(code | 0x80 if code > 32 else code for code in range(128)) + bytes(range(128, 256))
_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE = dict.fromkeys((*range(9), 11, *range(14, 32), 127)) | {12: "\n"}
"""Control characters say nothing to a reader and much to a terminal or a database; a form feed ends a line."""


def decode(octets: bytes, label: str = "") -> str:
    """The text of `octets` under the charset `label` (as written in the mail, may be empty or nonsense)."""
    if b"\x1b" in octets and any(escape in octets for escape in _JAPANESE_ESCAPES):
        return _japanese(octets)
    for name in _candidates(octets, codec_for(label)):
        try:
            return whole(octets.decode(name))
        except UnicodeError:
            continue
    return whole(octets.decode(codec_for(label) or "cp1252", "replace"))


def _candidates(octets: bytes, name: str | None) -> Iterator[str]:
    """Codecs to try strictly, best first."""
    narrow = (name or "").startswith(("utf-16", "utf-32")) and b"\0" not in octets and not octets.startswith(_MARKS_OF_WIDTH)
    if not name or name in _WESTERN or name in _SINGLE or narrow:
        yield "utf-8"
    if narrow and 2 * sum(octet < 128 for octet in octets) > len(octets):  # words with spaces: wide ones hold NUL
        yield "cp1252"
    if name:
        yield name
        yield "utf-8"
    if name == "iso2022_jp_ext":  # seven bits: what has eight is what Japanese Windows calls by the same name
        yield "cp932"
    if not name or name in _WESTERN:
        yield "cp1252"


def _japanese(octets: bytes) -> str:
    """ISO-2022-JP (RFC 1468), which announces itself by its escape sequences, whatever the label says.

    Mailers write letters of Windows in it that no codec of Python knows under this name; those of JIS X 0213 are the same.
    """
    try:
        return octets.decode("iso2022_jp_ext")
    except UnicodeError:
        first, *pieces = octets.split(b"\x1b")
    text = [first.decode("ascii", "replace")]
    for piece in pieces:
        double = piece[:2] in (b"$B", b"$@")
        shifted = piece[2:].translate(_HIGH_BITS) if double else piece[2:]
        text.append(shifted.decode("euc_jis_2004" if double else "ascii", "replace"))
    return "".join(text)


@lru_cache(maxsize=256)
def codec_for(label: str) -> str | None:
    """Python's name of the codec that `label` means; None where it means none."""
    name = label.strip(" \t\"'=;").lower().removeprefix("3d").removeprefix("charset=").removeprefix("x-")
    return _known(_LABELS.get(name, name)) or _known(_nearest(name))


def _nearest(name: str) -> str:
    """What a label that nobody knows begins with: `win-1251`, `x-cp1251`, `windows-1252http-equiv`."""
    if page := _PAGE.match(name):
        return _PAGES.get(page[1], f"cp{page[1]}")
    if part := _ISO.match(name):
        return _LABELS.get(f"iso-8859-{part[1]}", f"iso8859-{part[1]}")
    return name


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found.name in _NOT_TEXT or not found._is_text_encoding else found.name


def whole(text: str) -> str:
    """`text` with every lone surrogate replaced: what remains can be written as UTF-8."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def visible(text: str) -> str:
    """`text` with LF line ends and without control characters other than tabs and line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isprintable() else text.translate(_INVISIBLE)


def from_base64(octets: bytes) -> bytes:
    """Decode what decodes of possibly broken base64: foreign characters and missing padding are forgiven (RFC 2045 section 6.8)."""
    try:
        return b64decode(octets)
    except BrokenBase64:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", octets)
        kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
        return b64decode(kept + b"=" * (-len(kept) % 4))


def words(value: str) -> str:
    """Decode the encoded words of a header value (RFC 2047), also those that break its rules.

    Neighbours of one charset are joined before they are decoded, because mailers split characters between them. Linear: every
    search starts where the last one ended, and a word without an end ends the work.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending, label, position = b"", "", 0
    for start, end, charset, octets in _encoded(value):
        between = value[position:start]
        if pending and (between.strip() or charset != label):
            out.append(decode(pending, label))
            pending = b""
        if between.strip() or not position:
            out.append(between)
        pending, label, position = pending + octets, charset, end
    out.append(decode(pending, label))
    out.append(value[position:])
    return "".join(out)


def _encoded(value: str) -> Iterator[tuple[int, int, str, bytes]]:
    """Every encoded word of `value`: start, end, charset and bytes."""
    start = value.find("=?")
    while start >= 0:
        charset_end = value.find("?", start + 2)
        end = value.find("?=", charset_end + 3) if charset_end > 0 else -1
        if end < 0:
            return
        charset, kind = value[start + 2 : charset_end], value[charset_end + 1 : charset_end + 3].lower()
        if kind in ("b?", "q?") and _plain_label(charset):
            yield start, end + 2, charset.partition("*")[0], _word_octets(kind, value[charset_end + 3 : end])
            start = value.find("=?", end + 2)
        else:
            start = value.find("=?", start + 2)


def _plain_label(label: str) -> bool:
    """No charset label is empty, longer than 40 characters (a bomb) or holds white space."""
    return 0 < len(label) <= 40 and not any(mark.isspace() for mark in label)


def _word_octets(kind: str, text: str) -> bytes:
    """The bytes of one encoded word; RFC 2047 sections 4.1 and 4.2."""
    octets = text.encode("utf-8", "surrogateescape")
    return from_base64(octets) if kind == "b?" else decodestring(octets, header=True)

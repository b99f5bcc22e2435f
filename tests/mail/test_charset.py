"""Bytes to text: labels that lie, labels that are missing, words of headers that break the rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.charset import codec_for, decode, from_base64, visible, words

TEXTS = [
    # Bytes, label, text, and why.
    (b"plain", "", "plain", "ASCII needs no label"),
    ("Gżira".encode(), "", "Gżira", "UTF-8 without a label"),
    ("Gżira".encode(), "us-ascii", "Gżira", "UTF-8 under the label of ASCII"),
    ("é".encode(), "iso-8859-1", "é", "UTF-8 under a Western label"),
    (b"\xe9\x80", "iso-8859-1", "é€", "ISO-8859-1 is read as Windows-1252, which browsers have done for thirty years"),
    (b"\xe9", "", "é", "neither label nor UTF-8: Western"),
    (b"\xe9", "utf-8", "é", "the label says UTF-8, the bytes say Western"),
    (b"\x81\xe9", "utf-8", "\ufffd\ufffd", "what nothing fits is replaced, not dropped"),
    ("ż".encode("iso-8859-3"), "iso-8859-3", "ż", "the Maltese one of the ISO family"),
    ("Привет".encode("koi8-r"), "koi8-r", "Привет", "a label that is right is believed"),
    ("镕".encode("gb18030"), "GB2312", "镕", "a letter that GB2312 lacks and writers use"),
    ("㈱".encode("cp932"), "shift_jis", "㈱", "a letter of Windows under the label of the standard"),
    ("ツール".encode("cp932"), "iso-2022-jp", "ツール", "Shift_JIS under the label of the form that has seven bits"),
    ("日本".encode("iso2022_jp"), "", "日本", "ISO-2022-JP shows itself by its escapes"),
    ("日本".encode("iso2022_jp"), "utf-8", "日本", "even under another label"),
    (b"\x1b$B-!\x1b(Bx", "iso-2022-jp", "①x", "a letter of Windows in ISO-2022-JP"),
    (b"a\x1b[31mb", "utf-8", "a\x1b[31mb", "an escape of a terminal is no Japanese"),
    (b"+AGE-", "utf-7", "a", "UTF-7 where the label asks for it"),
    (b"+AGE-", "", "+AGE-", "and nowhere else"),
    (b"x", "undefined", "x", "a codec of Python that no mail is written in"),
    (b"\xe9", "idna", "é", "another one"),
    (b"\xe9", "x-office-2031", "é", "an unknown label"),
    (b"\xe9", "a" * 500, "é", "a label that is a bomb"),
    ("Привет".encode("mac_cyrillic"), "x-mac-cyrillic", "Привет", "a Macintosh of old"),
    ("Привет".encode(), "x-mac-cyrillic", "Привет", "UTF-8 under its label"),
    ("Привет".encode("cp1251"), "win-1251", "Привет", "a number of Windows by a name of its own"),
    ("Привет".encode("cp1251"), "windows-1251http-equivContent-Type", "Привет", "a label with a piece of HTML behind it"),
    ("Привет".encode("cp866"), "x-dos-866", "Привет", "of DOS"),
    ("Привет".encode("koi8-r"), "koi8", "Привет", "half a name"),
    ("عربي".encode("iso-8859-6"), "iso-8859-6-i", "عربي", "with the direction of the text (RFC 1556)"),
    ("สวัสดี".encode("cp874"), "x-windows-874", "สวัสดี", "what Python knows by another name"),
    ("镕".encode("gb18030"), "cn-gb", "镕", "a name from before the standards"),
    ("日本".encode("cp932"), "cswindows31j", "日本", "IANA's alias"),
    ("ż".encode(), "3Dutf-8", "ż", "a rest of quoted-printable before it"),
    (b"\xe9", "windows-99999", "é", "a number that is none"),
    (b"\xff\xfea\x00", "utf-16", "a", "UTF-16 with its mark"),
    (b"ASCII.", "utf-16", "ASCII.", "ASCII under the label of UTF-16"),
]


@pytest.mark.parametrize(("octets", "label", "text", "why"), TEXTS, ids=[why for *_, why in TEXTS])
def test_text_of_bytes(octets: bytes, label: str, text: str, why: str) -> None:
    """Each case is decoded as a mail reader would."""
    assert decode(octets, label) == text, why


WORDS = [
    ("plain", "plain", "no encoded word"),
    ("=?utf-8?q?caf=C3=A9?=", "café", "quoted-printable"),
    ("=?UTF-8?B?Y2Fmw6k=?=", "café", "base64"),
    ("a =?utf-8?q?b?= c", "a b c", "words between others keep their spaces"),
    ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab", "space between encoded words is none (RFC 2047 section 6.2)"),
    ("=?utf-8?q?a?=\t =?iso-8859-1?q?=E9?=", "aé", "nor where the charset changes"),
    ("=?utf-8?b?w6k=?= =?utf-8?b?w6k?=", "éé", "padding that is missing"),
    ("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é", "a letter split between two words"),
    ("=?utf-8?q?a_b?=", "a b", "an underscore is a space"),
    ("=?utf-8*en?q?a?=", "a", "a language after the charset (RFC 2231 section 5)"),
    ("=?utf-8?q?a b?=", "a b", "a space where none may be"),
    ("=?utf-8?q?really??=", "really?", "a question mark at the end of the word"),
    ("=?utf-8?x?a?=", "=?utf-8?x?a?=", "neither B nor Q"),
    ("=?utf-8?q?a", "=?utf-8?q?a", "a word without an end"),
    ("=??q?a?=", "=??q?a?=", "no charset"),
    ("=?" + "u" * 50 + "?q?a?=", "=?" + "u" * 50 + "?q?a?=", "no charset either"),
    ('"=?utf-8?q?a?="', '"a"', "in quotes, where no rule allows it and every mailer writes it"),
]


@pytest.mark.parametrize(("value", "text", "why"), WORDS, ids=[why for *_, why in WORDS])
def test_words_of_headers(value: str, text: str, why: str) -> None:
    """Encoded words are decoded, and what is none stays as it is."""
    assert words(value) == text, why


BASE64 = [
    (b"YWJj", b"abc", "as it should be"),
    (b"YWJjZA", b"abcd", "without padding"),
    (b"YW!Jj\n", b"abc", "with letters that are none"),
    (b"YWJjZ", b"abc", "with a letter too many"),
    (b"", b"", "nothing"),
]


@pytest.mark.parametrize(("encoded", "octets", "why"), BASE64, ids=[why for *_, why in BASE64])
def test_broken_base64(encoded: bytes, octets: bytes, why: str) -> None:
    """What decodes of broken base64 is decoded."""
    assert from_base64(encoded) == octets, why


def test_what_a_reader_cannot_see_goes() -> None:
    """Control characters go, tabs and line ends stay, every line end is LF."""
    assert visible("a\x00b\x1b[1m\tc\r\nd\re\x0cf") == "ab[1m\tc\nd\ne\nf"


@pytest.mark.parametrize("label", ["utf-8", "latin1", "gb2312", "iso-2022-jp", "x-sjis", "cp1252"])
def test_labels_that_mail_uses(label: str) -> None:
    """The usual labels all mean a codec."""
    assert codec_for(label)


@given(octets=st.binary(), label=st.sampled_from(["", "utf-8", "utf-7", "utf-16", "big5", "euc-kr", "iso-2022-jp", "hz", "nonsense"]))
def test_all_bytes_are_text(octets: bytes, label: str) -> None:
    """Whatever the bytes and the label, the result can be written as UTF-8."""
    decode(octets, label).encode("utf-8")


@given(value=st.text(st.sampled_from("=?utf8qB_ \t-aé*"), max_size=80))
def test_all_headers_are_text(value: str) -> None:
    """Whatever a header holds, decoding it ends and gives text."""
    words(value).encode("utf-8")


@pytest.mark.parametrize("label", ["win-1251", "koi8", "unicode", "ucs-2", "unicodefffe", "utf16le", "x-mac-greek", "dos-850"])
@pytest.mark.parametrize("text", ["Belästigung – „schlimm“", "Он шёл за мной", "Il-kelliem qal kliem ħażin", "会場で"])
def test_utf8_under_a_label_that_is_wrong(label: str, text: str) -> None:
    """A label of another charset hides no letter of a text that is valid UTF-8."""
    assert decode(text.encode(), label) == text


@pytest.mark.parametrize("label", ["unicode", "ucs-2", "unicodefffe"])
def test_a_wide_label_on_narrow_letters(label: str) -> None:
    """Words with spaces and without a NUL are no UTF-16; what has one, or a mark of its order, is."""
    assert decode("Belästigung im Café".encode("cp1252"), label) == "Belästigung im Café"
    assert decode("\ufeffBelästigung".encode("utf-16-le"), "unicode").endswith("Belästigung")

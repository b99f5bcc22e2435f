"""winmail.dat: what Outlook and Exchange pack into one attachment."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.parts import parts_of
from maild.mail.text import body_of
from maild.mail.tnef import ATTRIBUTES_LIMIT, Contents, Packed, contents
from tests.mail import outlook
from tests.mail.outlook import SIGNATURE, attached, attribute, fixed, named, properties, several, text

PHOTO = attached(
    "PHOTO~1.JPG", b"x" * 300, fixed(0x0E21, 4), named(b"abc"), named(b"abcd", name="Own"), text(outlook.LONG_NAME, "The photo.jpg")
)

READ = [
    (attribute(outlook.BODY, b"He shouted.\0"), Contents(text="He shouted."), "a body"),
    (attribute(outlook.CODE_PAGE, b"\xe2\4\0\0\0\0\0\0") + attribute(outlook.BODY, b"\x84\xe9\0"), Contents(text="„é"), "its code page"),
    (attribute(outlook.CODE_PAGE, b"\xff\xff\xff\0") + attribute(outlook.BODY, b"\xe9"), Contents(text="é"), "a code page nobody knows"),
    (attribute(outlook.CODE_PAGE, b"\1") + attribute(outlook.BODY, b"a"), Contents(text="a"), "half a code page"),
    (attribute(outlook.PROPERTIES, properties(text(outlook.TEXT, "Ħafna"))), Contents(text="Ħafna"), "the body in Unicode"),
    (attribute(outlook.PROPERTIES, properties(several(0x102, outlook.HTML, b"<p>a"))), Contents(markup=b"<p>a"), "HTML"),
    (PHOTO, Contents(attachments=(Packed(name="The photo.jpg", size=300),)), "the long name"),
    (attached("A.TXT", b"abc"), Contents(attachments=(Packed(name="A.TXT", size=3),)), "the short one where there is no other"),
    (
        attached("A", b"1") + PHOTO,
        Contents(attachments=(Packed(name="A", size=1), Packed(name="The photo.jpg", size=300))),
        "two",
    ),
    (attached("", b"", several(0x0D, outlook.OBJECT, b"abcde")), Contents(attachments=(Packed(size=5),)), "an object"),
    (
        attached("", b"", several(0x101F, 0x1234, b"a", b"bc"), text(outlook.SHORT_NAME, "b")),
        Contents(attachments=(Packed(name="b"),)),
        "many values",
    ),
    (
        attached("", b"", several(0x77, 1, b"a"), text(outlook.SHORT_NAME, "b")),
        Contents(attachments=(Packed(),)),
        "an unknown type ends a block",
    ),
    (attribute(outlook.DATA, b"abc"), Contents(attachments=(Packed(size=3),)), "data of no attachment"),
    (PHOTO[:-20], Contents(attachments=(Packed(name="The p", size=300),)), "a file that breaks off"),
    (attribute(0x12345678, b"?") + attribute(outlook.BODY, b"a"), Contents(text="a"), "an attribute nobody knows"),
    (b"", Contents(), "nothing"),
]


@pytest.mark.parametrize(("octets", "read", "why"), READ, ids=[why for *_, why in READ])
def test_what_is_inside(octets: bytes, read: Contents, why: str) -> None:
    """Names, sizes and the text are read, as far as the file goes."""
    assert contents(SIGNATURE + octets) == read, why


@pytest.mark.parametrize("octets", [b"", b"PK\3\4 something else", SIGNATURE[:5]])
def test_what_is_no_tnef(octets: bytes) -> None:
    """A file that is only called winmail.dat holds nothing."""
    assert contents(octets) == Contents()


def test_a_file_of_nothing_but_attributes_is_bounded() -> None:
    """Of a megabyte of empty attachments so many are read as have a meaning."""
    assert len(contents(SIGNATURE + attribute(outlook.NEW, b"") * (ATTRIBUTES_LIMIT + 1)).attachments) == ATTRIBUTES_LIMIT


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_can_be_read(noise: bytes, at: int) -> None:
    """However it is broken, reading it ends without an error."""
    whole = SIGNATURE + PHOTO + attribute(outlook.PROPERTIES, properties(text(outlook.TEXT, "words")))
    contents(whole[:at] + noise + whole[at + len(noise) :])


def mail_of(*octets: bytes, kind: str = "application/ms-tnef", words: str = "") -> bytes:
    """A mail as Exchange sends it to somebody outside."""
    packed = "".join(
        f"--b\r\nContent-Type: {kind}; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(SIGNATURE + one).decode()}\r\n"
        for one in octets
    )
    return f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{words}\r\n{packed}--b--\r\n".encode()


def test_the_text_inside_is_read_where_there_is_no_other() -> None:
    """A report that came as winmail.dat alone is no empty report; words of the mail itself go first."""
    inside = attribute(outlook.BODY, b"He shouted.")
    assert body_of(parts_of(mail_of(inside)))[0] == "He shouted."
    assert body_of(parts_of(mail_of(inside, words="See above.")))[0] == "See above."
    markup = attribute(outlook.PROPERTIES, properties(several(0x102, outlook.HTML, b"<p>He <b>shouted</b>.</p>")))
    assert body_of(parts_of(mail_of(markup, kind="application/octet-stream")))[0] == "He shouted."


def test_attachments_inside_are_listed_after_those_of_the_mail() -> None:
    """Staff see that there is a photo; its name is never a path."""
    listed = body_of(parts_of(mail_of(PHOTO, attached("..\\..\\a.exe", b"abc"))))[1]
    assert [(one.name, one.size) for one in listed if one.name != "winmail.dat"] == [("The photo.jpg", 300), ("a.exe", 3)]

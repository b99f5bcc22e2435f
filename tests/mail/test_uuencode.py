"""Files that stand in a text between `begin` and `end`."""

import pytest

from maild.mail.uuencode import File, decoded, taken_out

NOTE = "begin 644 note.txt\n#86)C\n`\nend"
FILE = File(name="note.txt", octets=b"abc")


@pytest.mark.parametrize(
    ("encoded", "octets"),
    [
        (b"begin 644 f\n#86)C\n`\nend\n", b"abc"),
        (b"words before\nbegin 644 f\n#86)C\n\nend", b"abc"),
        (b"begin 644 f\n#86)C!!!!!\nend", b"abc"),
        (b"begin 644 f\n\xff\xff\xff\n#86)C\nend", b"abc"),
        (b"no file at all", b""),
    ],
)
def test_a_body_that_is_a_file(encoded: bytes, octets: bytes) -> None:
    """Whole lines of uuencode are decoded, broken ones left out."""
    assert decoded(encoded) == octets


TEXTS = [
    (f"Look at this.\n\n{NOTE}\n\nLea", "Look at this.\n\n\nLea", (FILE,), "between words"),
    (NOTE, "", (FILE,), "alone"),
    (f"{NOTE}\n{NOTE}", "", (FILE, FILE), "two"),
    ("begin 644 empty\n`\nend", "", (File(name="empty", octets=b""),), "an empty one"),
    ("begin 0644 two words.txt\n#86)C\nend", "", (File(name="two words.txt", octets=b"abc"),), "a name with a space, four digits"),
    ("begin 644 f\n#86)C   \nend", "begin 644 f\n#86)C   \nend", (), "a line longer than it says"),
    ("begin 644 f\n#86)C!!\nend", "", (File(name="f", octets=b"abc"),), "a line padded too long"),
    ("They told me to\nbegin 644 times\nand in the\nend", "They told me to\nbegin 644 times\nand in the\nend", (), "a sentence"),
    ("begin 644 f\n#86)C\n`", "begin 644 f\n#86)C\n`", (), "without an end: nothing is taken away"),
    ("begin 644 f", "begin 644 f", (), "the last line"),
    ("begin 644 f\n\nend", "", (File(name="f", octets=b""),), "only an empty line"),
    ("We begin at ten.", "We begin at ten.", (), "no file"),
]


@pytest.mark.parametrize(("text", "left", "files", "why"), TEXTS, ids=[why for *_, why in TEXTS])
def test_files_in_a_text(text: str, left: str, files: tuple[File, ...], why: str) -> None:
    """A file is taken out of the text it stands in; words that only look like one stay."""
    assert taken_out(text) == (left, files), why

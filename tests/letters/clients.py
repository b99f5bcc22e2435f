"""How mail programs write an answer to a mail of ours: one function a form, from what was typed and what is quoted to the bytes sent.

All text is our own; the forms are those of tests/quoting and further ones, by program, language and bad habit.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from html import escape

OURS = "PyMalta <info@pymalta.example>"
THEIRS = "Ana Borg <ana@staff.example>"

Write = Callable[[str, str], EmailMessage]


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to answer. `read` is False where what was typed cannot be told from what is quoted, so that a clean answer is not sent either."""

    write: Write
    read: bool = True


FORMS: dict[str, Form] = {}


def form(name: str, *, read: bool = True) -> Callable[[Write], Write]:
    """Register a form."""

    def registered(write: Write) -> Write:
        FORMS[name] = Form(write=write, read=read)
        return write

    return registered


def mail(text: str | None, html: str | None = None) -> EmailMessage:
    """A mail with these alternatives."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = THEIRS, OURS
    message["Subject"] = "Re: [amber-bell] New report"
    message["Message-ID"] = "<from-a-client@staff.example>"
    message["In-Reply-To"] = message["References"] = "<notice@pymalta.example>"
    if text is not None:
        message.set_content(text)
    if html is not None:
        (message.add_alternative if text is not None else message.set_content)(html, subtype="html")
    return message


def marked(quoted: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in quoted.split("\n"))


def wrapped(quoted: str, width: int = 72, mark: str = "> ") -> str:
    return "\n".join(marked(line, mark) for part in quoted.split("\n") for line in textwrap.wrap(part, width) or [""])


def as_html(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.split("\n"))


def as_divs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.split("\n"))


ATTRIBUTIONS = {
    "Gmail": "On Mon, 23 Nov 2026 at 09:42, PyMalta <info@pymalta.example> wrote:\n\n",
    "Gmail, wrapped": "On Mon, 23 Nov 2026 at 09:42, PyMalta <info@pymalta.example>\nwrote:\n\n",
    "Gmail in French": "Le lun. 23 nov. 2026 à 09:42, PyMalta <info@pymalta.example> a écrit :\n\n",
    "Gmail in Spanish": "El lun, 23 nov 2026 a las 9:42, PyMalta (<info@pymalta.example>) escribió:\n\n",
    "Gmail in Italian": "Il giorno lun 23 nov 2026 alle ore 09:42 PyMalta <info@pymalta.example> ha scritto:\n\n",
    "Gmail in Portuguese": "Em seg., 23 de nov. de 2026 às 09:42, PyMalta <info@pymalta.example> escreveu:\n\n",
    "Gmail in Dutch": "Op ma 23 nov 2026 om 09:42 schreef PyMalta <info@pymalta.example>:\n\n",
    "Gmail in Polish": "pon., 23 lis 2026 o 09:42 PyMalta <info@pymalta.example> napisał(a):\n\n",
    "Thunderbird": "On 11/23/26 09:42, PyMalta wrote:\n",
    "Thunderbird in German": "Am 23.11.26 um 09:42 schrieb PyMalta:\n",
    "Apple Mail": "On 23 Nov 2026, at 09:42, PyMalta <info@pymalta.example> wrote:\n\n",
    "Mutt": "On Mon, Nov 23, 2026 at 09:42:10AM +0100, PyMalta wrote:\n",
    "Fastmail": "On Mon, 23 Nov 2026, at 9:42 AM, PyMalta wrote:\n",
    "K-9 Mail": "On 23 November 2026 09:42:10 CET, PyMalta <info@pymalta.example> wrote:\n",
    "Gnus": "PyMalta <info@pymalta.example> writes:\n\n",
    "Proton Mail": "------- Original Message -------\nOn Monday, November 23rd, 2026 at 09:42, PyMalta <info@pymalta.example> wrote:\n\n",
    "an unknown language": "2026-11-23 09:42 PyMalta <info@pymalta.example> hatte gesagt:\n",
    "nobody": "",
}
"""Lines above a quote whose every line is marked."""


def _above(attribution: str) -> Write:
    return lambda typed, quoted: mail(f"{typed}\n\n{attribution}{marked(quoted)}\n")


for _name, _line in ATTRIBUTIONS.items():
    form(f"marked lines below the words of {_name}")(_above(_line))

HEADINGS = {
    "Outlook": "-----Original Message-----\nFrom: {ours}\nSent: Monday, 23 November 2026 09:42\nTo: {theirs}\nSubject: {subject}\n\n",
    "Outlook on the web": "_" * 32 + "\nFrom: {ours}\nSent: 23 November 2026 09:42\nTo: {theirs}\nSubject: {subject}\n\n",
    "Outlook without a line": "From: {ours}\nSent: Monday, 23 November 2026 09:42\nTo: {theirs}\nSubject: {subject}\n\n",
    "Outlook in German": "Von: {ours}\nGesendet: Montag, 23. November 2026 09:42\nAn: {theirs}\nBetreff: {subject}\n\n",
    "Outlook in Italian": "Da: {ours}\nInviato: lunedì 23 novembre 2026 09:42\nA: {theirs}\nOggetto: {subject}\n\n",
    "Outlook in French": "De : {ours}\nEnvoyé : lundi 23 novembre 2026 09:42\nÀ : {theirs}\nObjet : {subject}\n\n",
    "Samsung": "-------- Original message --------\nFrom: {ours} \nDate: 23/11/2026  09:42  (GMT+01:00) \nTo: {theirs} \nSubject: {subject} \n\n",
    "eM Client": '------ Original Message ------\nFrom "PyMalta" <info@pymalta.example>\nTo {theirs}\nDate 23/11/2026 09:42:10\nSubject {subject}\n\n',
    "Zoho": "---- On Mon, 23 Nov 2026 09:42:10 +0100 PyMalta <info@pymalta.example> wrote ----\n\n",
    "Notes": "From:   PyMalta <info@pymalta.example>\nTo:     {theirs}\nDate:   23/11/2026 09:42\nSubject:        {subject}\n\n",
}
"""What stands above a quote that is not marked at all."""


def _headed(heading: str) -> Write:
    above = heading.format(ours=OURS, theirs=THEIRS, subject="[amber-bell] New report")
    return lambda typed, quoted: mail(f"{typed}\n\n{above}{quoted}\n")


for _name, _line in HEADINGS.items():
    form(f"unmarked text below the heading of {_name}")(_headed(_line))


@form("an iPhone, everything marked")
def iphone(typed: str, quoted: str) -> EmailMessage:
    above = "On 23 Nov 2026, at 09:42, PyMalta <info@pymalta.example> wrote:"
    return mail(f"{typed}\n\nSent from my iPhone\n\n> {above}\n> \n{marked(quoted)}\n")


@form("marked lines, wrapped by the program")
def marked_and_wrapped(typed: str, quoted: str) -> EmailMessage:
    return mail(f"{typed}\n\nOn 23/11/2026 09:42, PyMalta wrote:\n{wrapped(quoted)}\n")


@form("marked lines that a gateway wrapped again")
def rewrapped(typed: str, quoted: str) -> EmailMessage:
    broken = "\n".join("\n".join(textwrap.wrap(line, 50) or [""]) for line in marked(quoted).split("\n"))
    return mail(f"{typed}\n\nOn 23/11/2026 09:42, PyMalta wrote:\n{broken}\n")


@form("bars in place of marks")
def bars(typed: str, quoted: str) -> EmailMessage:
    return mail(f"{typed}\n\nPyMalta wrote (23 Nov 2026):\n{marked(quoted, '| ')}\n")


@form("Yahoo, indented")
def indented(typed: str, quoted: str) -> EmailMessage:
    above = "    On Monday, 23 November 2026 at 09:42:10 CET, PyMalta <info@pymalta.example> wrote:  \n \n"
    return mail(f"{typed}\n\n{above}{marked(quoted, ' ')}\n")


@form("nothing but our separator between")
def bare(typed: str, quoted: str) -> EmailMessage:
    return mail(f"{typed}\n{quoted}\n")


@form("our separator lost, the rest unmarked", read=False)
def stripped(typed: str, quoted: str) -> EmailMessage:
    return mail(f"{typed}\n\n{quoted.split(chr(10), 1)[1].strip()}\n")


@form("only the mailed words kept, unmarked", read=False)
def picked(typed: str, quoted: str) -> EmailMessage:
    kept = "\n".join(line.removeprefix("| ") for line in quoted.split("\n") if line.startswith("| "))
    return mail(f"{typed}\n\n{kept}\n")


@form("the last paragraph kept, unmarked", read=False)
def end(typed: str, quoted: str) -> EmailMessage:
    return mail(f"{typed}\n\n{quoted.strip().split(chr(10) * 2)[-1]}\n")


@form("below the quote", read=False)
def below(typed: str, quoted: str) -> EmailMessage:
    return mail(f"On 23/11/2026 09:42, PyMalta wrote:\n{marked(quoted)}\n\n{typed}\n")


@form("between quoted lines", read=False)
def between(typed: str, quoted: str) -> EmailMessage:
    lines = quoted.split("\n")
    head, tail = "\n".join(lines[:4]), "\n".join(lines[4:])
    return mail(f"On 23/11/2026 09:42, PyMalta wrote:\n{marked(head)}\n\n{typed}\n\n{marked(tail)}\n")


def _rich(above: str, open_: str, close: str, *, plain: bool, lines: Callable[[str], str] = as_html) -> Write:
    def write(typed: str, quoted: str) -> EmailMessage:
        html = f"<html><body><div>{lines(typed)}</div>{above}{open_}{as_html(quoted)}{close}</body></html>"
        text = f"{typed}\n\nOn Mon, 23 Nov 2026 at 09:42, PyMalta <info@pymalta.example> wrote:\n\n{marked(quoted)}\n"
        return mail(text if plain else None, html)

    return write


_WROTE = "On Mon, 23 Nov 2026 at 09:42, PyMalta &lt;info@pymalta.example&gt; wrote:<br>"
_HEADER = "<b>From:</b> PyMalta &lt;info@pymalta.example&gt;<br><b>Sent:</b> 23 November 2026 09:42<br><b>To:</b> Ana Borg<br><b>Subject:</b> [amber-bell]"

RICH = {
    "Gmail": (
        '<div class="gmail_quote"><div class="gmail_attr">' + _WROTE + "</div>",
        '<blockquote class="gmail_quote">',
        "</blockquote></div>",
    ),
    "Thunderbird": ('<div class="moz-cite-prefix">' + _WROTE + "</div>", '<blockquote type="cite">', "</blockquote>"),
    "Apple Mail": (
        '<div><br><blockquote type="cite"><div>' + _WROTE + "</div></blockquote></div>",
        '<blockquote type="cite">',
        "</blockquote>",
    ),
    "Outlook": ('<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>' + _HEADER + "</p></div>", "<div>", "</div>"),
    "Outlook on the web": ('<hr><div id="divRplyFwdMsg">' + _HEADER + "</div>", "<div>", "</div>"),
    "Yahoo": ('<div class="yahoo_quoted"><div>' + _WROTE + "</div>", "<div>", "</div></div>"),
    "an unknown program": ("<hr>", "<div>", "</div>"),
}
"""HTML: what stands above the quote, what opens it and what closes it."""

for _name, _parts in RICH.items():
    form(f"HTML of {_name}")(_rich(*_parts, plain=False))
form("HTML of Gmail beside plain text")(_rich(*RICH["Gmail"], plain=True))
form("HTML of Outlook in paragraphs")(_rich(*RICH["Outlook"], plain=False, lines=as_divs))

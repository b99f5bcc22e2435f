"""Reports such as people send, as many as are wanted: the same seed makes the same mails.

Each is from somebody else, so that no budget for one sender holds an acknowledgement back. One to three kilobytes of text; a fifth have an
HTML alternative, some are HTML only; one in ten brings a picture of 50 KiB; one in ten answers a mail that nobody here knows; one in five
is not plain ASCII, in its header too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from random import Random

SUBJECTS = (
    "Something that happened at the meetup",
    "Comments during the second talk",
    "Messages in the chat",
    "I would like to report an incident",
    "Question about the code of conduct",
    "Behaviour at the sprint table",
    "Photos that were taken without asking",
    "Please look into this thread",
)
SENTENCES = (
    "I was sitting in the third row when the person behind me began to comment on what I was wearing.",
    "I asked them to stop and they laughed.",
    "Two other people at the table heard it as well, and one of them moved away.",
    "It went on in the break, next to the coffee.",
    "I do not want to make a fuss, but I did not feel welcome afterwards.",
    "This was around eleven in the morning, in the smaller of the two rooms.",
    "They wrote to me again in the evening although I had not answered.",
    "I have kept the messages and can send them if that is of any use.",
    "I do not know their name; they had a green badge and a grey backpack.",
    "A friend told me that something similar happened at the last event.",
    "I would rather not have my name mentioned to them.",
    "The slides had a picture in them that made several of us leave.",
    "When the speaker was told about it they said that it was only a joke.",
    "I am fine, and nobody is in danger as far as I can tell.",
    "Please tell me what happens next, and whether you need anything from me.",
    "I am writing this down now so that I do not forget the details.",
)
ELSEWHERE = (
    "Żewġ persuni oħra semgħu kollox, u waħda minnhom ċaqilqet postha.",
    "Ich möchte nicht, dass mein Name genannt wird – danke für Ihr Verständnis.",
    "Ça s’est passé près de l’entrée, vers onze heures.",
    "我不知道他的名字。",
    "Я сохранила сообщения и могу их прислать.",
    "It was “only a joke”… 🙁",
)
NAMES = "Joan Mifsud, Sam Larsen, Robin Okafor, Alex Ivanova, Kim Tanaka, Noor Haddad, Lee Smith, Jules Moreau, Sasha Novak, Ming Silva"
NAMES_ELSEWHERE = "Zoë Żahra, Łucja Nowak, Ġorġ Ħaber, Åsa Öberg, Chloé Lefèvre, Jürgen Öztürk"
PICTURE_BYTES = 50 * 1024
FIRST_DATE = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One mail as it lies in the mailbox; its acknowledgement goes to `sender` and names `message_id` in In-Reply-To."""

    message_id: str
    sender: str
    raw: bytes


def reports(count: int, *, to: str, seed: int = 1) -> Iterator[Report]:
    """So many reports to this address."""
    chance = Random(seed)
    picture = chance.randbytes(PICTURE_BYTES)
    for number in range(count):
        mail = _written(chance, number, to=to, seed=seed)
        if chance.random() < 0.1:
            mail.add_attachment(picture, maintype="image", subtype="jpeg", filename=f"IMG_{2000 + number}.jpg")
        _fix_boundaries(mail, number)
        yield Report(message_id=mail["Message-ID"].strip("<>"), sender=mail["From"].addresses[0].addr_spec, raw=mail.as_bytes())


def _fix_boundaries(mail: EmailMessage, number: int) -> None:
    """The library would make them up anew each time."""
    for level, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number:06d}_{level}")


def _written(chance: Random, number: int, *, to: str, seed: int) -> EmailMessage:
    elsewhere = chance.random() < 0.2
    name = chance.choice((NAMES_ELSEWHERE if elsewhere else NAMES).split(", "))
    address = Address(name, f"person{number}", f"host{number % 97}.example")
    mail = EmailMessage(policy=SMTP)
    for header, value in _transport(number, to=to, address=address):
        mail[header] = value
    mail["From"] = address
    mail["To"] = to
    mail["Subject"] = f"{chance.choice(SUBJECTS)}{' – grazzi ta’ għajnuntek' if elsewhere else ''}"
    mail["Date"] = format_datetime(FIRST_DATE + timedelta(seconds=97 * number))
    mail["Message-ID"] = f"<{seed}.{number:06d}.{chance.getrandbits(48):012x}@host{number % 97}.example>"
    if chance.random() < 0.1:
        mail["In-Reply-To"] = mail["References"] = f"<{chance.getrandbits(64):016x}@lists.example>"
    _fill(mail, _words(chance, name, elsewhere=elsewhere), chance)
    return mail


def _transport(number: int, *, to: str, address: Address) -> Iterator[tuple[str, str]]:
    """What the servers on the way have added."""
    date = format_datetime(FIRST_DATE + timedelta(seconds=97 * number + 3))
    yield "Return-Path", f"<{address.addr_spec}>"
    yield "Delivered-To", to
    yield "Received", f"from mx.{address.domain} (mx.{address.domain} [192.0.2.{number % 250 + 1}]) by mail.example with ESMTPS; {date}"
    yield "Authentication-Results", f"mail.example; dkim=pass header.d={address.domain}; dmarc=pass header.from={address.domain}"
    yield "DKIM-Signature", f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={address.domain}; s=s1; h=from:to:subject:date; b={'QmVuY2g' * 36}"
    yield "User-Agent", "Mozilla Thunderbird"


def _words(chance: Random, name: str, *, elsewhere: bool) -> str:
    paragraphs = ["Hello,"]
    size, wanted = 0, chance.randint(900, 2800)
    while size < wanted:
        paragraphs.append(" ".join(chance.choices(SENTENCES, k=chance.randint(2, 5))))
        size += len(paragraphs[-1])
    if elsewhere:
        paragraphs.insert(2, " ".join(chance.choices(ELSEWHERE, k=2)))
    return "\n\n".join((*paragraphs, f"Regards,\n{name}")) + "\n"


def _fill(mail: EmailMessage, words: str, chance: Random) -> None:
    markup = "".join(f"<p style='margin:0 0 1em'>{escape(part)}</p>\n" for part in words.split("\n\n"))
    page = f"<html><head><meta charset='utf-8'></head><body>\n{markup}</body></html>\n"
    shape = chance.random()
    if shape < 0.04:
        mail.set_content(page, subtype="html")
        return
    mail.set_content(words)
    if shape < 0.24:
        mail.add_alternative(page, subtype="html")

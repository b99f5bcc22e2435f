"""What is new in a mail, and where commands may stand: tables of what mail programs do, and what must never be cut."""

import email
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.quoting import command_text, is_forward, new_text, views

SEPARATOR = "=== please write above this line ==="
FOLDER = Path(__file__).parents[1] / "quoting"
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))

ABOVE = "Thank you, that helps.\nI will be there at nine."
BELOW = "The words of somebody else."


def new(text: str, subject: str = "") -> str:
    return new_text(text, separator=SEPARATOR, subject=subject)


def commands(text: str, subject: str = "") -> str:
    return command_text(text, separator=SEPARATOR, subject=subject)


# ---- whole mails: staff answer one notice of ours, each with another program ---------------------------------------------------------


def plain_part(name: str) -> tuple[str, str] | None:
    """Subject and plain text of a fixture; None where it has HTML only."""
    mail = email.message_from_bytes((FOLDER / f"{name}.eml").read_bytes())
    parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    return (mail["Subject"], parts[0].get_payload(decode=True).decode()) if parts else None


PLAIN = {name: found for name in EXPECTED if (found := plain_part(name))}


def test_every_mail_has_an_expectation() -> None:
    """A mail without an expectation, or the reverse, is a mistake in the fixtures."""
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", PLAIN)
def test_commands_of_a_staff_answer(name: str) -> None:
    """What the staff member typed above is read whole and exactly, and nothing else is."""
    subject, text = PLAIN[name]
    assert commands(text, subject) == EXPECTED[name]["command"]


@pytest.mark.parametrize("name", PLAIN)
def test_new_text_of_a_staff_answer(name: str) -> None:
    """People are shown what the staff member wrote; a forward is shown whole."""
    subject, text = PLAIN[name]
    expected = EXPECTED[name].get("new", EXPECTED[name]["command"])
    assert new(text, subject) == (text.replace("\r\n", "\n").strip() if expected == "(everything)" else expected)


@pytest.mark.parametrize("name", PLAIN)
def test_no_word_of_the_notice_survives(name: str) -> None:
    """Words that only the quoted notice holds are not in what commands and letters are taken from."""
    subject, text = PLAIN[name]
    words = {
        "quiet-harbour;",
        "R-7K3QF.",
        "Received",
        "acknowledgement",
        "shouted",
        "urgent",
        "arrived.",
        "info@pymalta.example",
        "Original",
    }
    assert not words & set(commands(text, subject).replace("[", " ").replace("]", " ").split())


# ---- attributions --------------------------------------------------------------------------------------------------------------------

ATTRIBUTIONS = {
    "English, Gmail": "On Fri, Nov 20, 2026 at 9:42 AM Ana Borg <ana@example.org> wrote:",
    "English, Gmail, wrapped after the name": "On Fri, Nov 20, 2026 at 9:42 AM Ana Borg <\nana@example.org> wrote:",
    "English, wrapped before the verb": "On Fri, Nov 20, 2026 at 9:42 AM Ana Borg <ana@example.org>\nwrote:",
    "English, the address on a line of its own": "On Fri, Nov 20, 2026 at 9:42 AM Ana Borg\n<ana@example.org>\nwrote:",
    "English, wrapped twice and quoted halfway": "On Fri, 20 Nov 2026 at 9:42 Ana Borg\n\n<\nmailto:ana@example.org\n> wrote:",
    "English, no space before the verb": "On Fri, Nov 20, 2026 at 9:42 AM, Ana Borg <ana@example.org>wrote:",
    "English, no address": "On 20 Nov 2026, at 9:42 AM, Ana Borg wrote:",
    "English, numbers only": "On 20/11/26 09:42, Ana Borg wrote:",
    "English, no year but an address": "On Fri, Nov 20, Ana Borg <ana@example.org> wrote:",
    "English, no colon": "On Fri, 20 Nov 2026 09:42:43 +0100 Ana Borg <ana@example.org> wrote",
    "English, between dashes": "---- On Fri, 20 Nov 2026 09:42:43 +0100 Ana Borg <ana@example.org> wrote ----",
    "English, after a dash": "- On 2026-11-20 09:42, Ana Borg wrote:",
    "English, indented": "     On Friday, November 20, 2026 at 09:42:03 AM GMT+1, Ana Borg <ana@example.org> wrote:  ",
    "name and address only": "Ana Borg <ana@example.org> wrote:",
    "no verb, old Gmail": "2026-11-20 9:42 GMT+01:00 Ana Borg <ana@example.org>:",
    "what the writer goes by": "On 2026-11-20 09:42, Dr. Ana Borg (she/her) wrote:",
    "a name with a small word": "Il giorno 20 nov 2026, alle ore 09:42, Ana de Borg ha scritto:",
    "no verb, no address": "2026-11-20 9:42 GMT+01:00 Ana Borg",
    "no verb, Yandex": '20.11.2026, 09:42, "Ana Borg" <ana@example.org>:',
    "no verb, Mail.ru": "Friday, 20 November 2026, 9:42 +01:00 from Ana Borg <ana@example.org>:",
    "German, Gmail": "Am Fr., 20. Nov. 2026 um 09:42 Uhr schrieb Ana Borg <ana@example.org>:",
    "German, Thunderbird": "Am 20.11.26 um 09:42 schrieb Ana Borg:",
    "German, Apple": "Am 20.11.2026 um 09:42 schrieb Ana Borg <ana@example.org>:",
    "French, Gmail": "Le ven. 20 nov. 2026 à 09:42, Ana Borg <ana@example.org> a écrit :",
    "French, wrapped inside the verb": "Le ven. 20 nov. 2026 à 09:42, Ana Borg <ana@example.org> a\nécrit :",
    "French, Thunderbird": "Le 20/11/2026 à 09:42, Ana Borg a écrit :",
    "Spanish": "El vie, 20 nov 2026 a las 9:42, Ana Borg (<ana@example.org>) escribió:",
    "Catalan": "El dv., 20 de nov. 2026, 9:42, Ana Borg <ana@example.org> va escriure:",
    "Italian, Gmail": "Il giorno ven 20 nov 2026 alle ore 09:42 Ana Borg <ana@example.org> ha scritto:",
    "Italian, Thunderbird": "Il 20/11/2026 09:42, Ana Borg ha scritto:",
    "Portuguese": "Em sex., 20 de nov. de 2026 às 09:42, Ana Borg <ana@example.org> escreveu:",
    "Romanian": "În vin., 20 nov. 2026 la 09:42, Ana Borg <ana@example.org> a scris:",
    "Dutch, Gmail": "Op vr 20 nov 2026 om 09:42 schreef Ana Borg <ana@example.org>:",
    "Dutch, iPhone": "Op 20 nov 2026 om 09:42 heeft Ana Borg <ana@example.org> het volgende geschreven:",
    "Dutch, no address": "Op 20 november 2026 09:42 schreef Ana Borg het volgende:",
    "Polish, Gmail": "pt., 20 lis 2026 o 09:42 Ana Borg <ana@example.org> napisał(a):",
    "Polish, Thunderbird": "W dniu 20.11.2026 o 09:42, Ana Borg pisze:",
    "Czech": "pá 20. 11. 2026 v 9:42 odesílatel Ana Borg <ana@example.org> napsal:",
    "Slovak": "Dňa 20. 11. 2026 o 9:42 Ana Borg napísal(a):",
    "Slovene": "Ana Borg je 20. 11. 2026 ob 09:42 <ana@example.org> je napisala:",
    "Croatian": "Dana 20.11.2026. u 9:42, Ana Borg je napisao/la:",
    "Swedish": "Den fre 20 nov. 2026 kl 09:42 skrev Ana Borg <ana@example.org>:",
    "Danish": "Den fre. 20. nov. 2026 kl. 09.42 skrev Ana Borg <ana@example.org>:",
    "Norwegian, a weekday first": "fre. 20. nov. 2026 kl. 09:42 skrev Ana Borg <ana@example.org>:",
    "Finnish": "pe 20. marrask. 2026 klo 9.42 Ana Borg (ana@example.org) kirjoitti:",
    "Estonian": "Kuupäev R, 20. november 2026 kell 09:42 kirjutas Ana Borg <ana@example.org>:",
    "Hungarian": "Ana Borg <ana@example.org> ezt írta (időpont: 2026. nov. 20., P, 9:42):",
    "Greek": "Στις Παρ 20 Νοε 2026 στις 9:42 π.μ., ο χρήστης Ana Borg <ana@example.org> έγραψε:",
    "Russian, Gmail, no verb": "пт, 20 нояб. 2026 г. в 09:42, Ana Borg <ana@example.org>:",
    "Russian, Thunderbird": "20.11.2026 09:42, Ana Borg пишет:",
    "Russian, Yandex": '20.11.2026 09:42 пользователь "Ana Borg" <ana@example.org> написал:',
    "Ukrainian": "пт, 20 лист. 2026 р. о 09:42 Ana Borg <ana@example.org> пише:",
    "Turkish": "Ana Borg <ana@example.org>, 20 Kas 2026 Cum, 09:42 tarihinde şunu yazdı:",
    "Maltese": "Fil-Ġimgħa, 20 ta' Nov 2026 fid-9:42, Ana Borg <ana@example.org> kitbet:",
    "Japanese, Gmail": "2026年11月20日(金) 9:42 Ana Borg <ana@example.org>:",
    "Japanese, Apple": "2026/11/20 9:42、Ana Borg <ana@example.org>のメール:",
    "Korean": "2026년 11월 20일 (금) 오전 9:42, Ana Borg <ana@example.org>님이 작성:",
    "Chinese, simplified": "Ana Borg <ana@example.org> 于2026年11月20日周五 09:42写道：",
    "Chinese, traditional, wrapped": "Ana Borg <ana@example.org>\n於 2026年11月20日 週五 上午9:42寫道：",
    "Chinese, Apple": "在 2026年11月20日，上午9:42，Ana Borg <ana@example.org> 写道：",
    "Vietnamese": "Vào Th 6, 20 thg 11, 2026 vào lúc 09:42 Ana Borg <ana@example.org> đã viết:",
    "Icelandic": "Þann fös., 20. nóv. 2026 kl. 09:42 skrifaði Ana Borg <ana@example.org>:",
    "Latvian": "piektd., 2026. g. 20. nov., plkst. 09:42 — lietotājs Ana Borg (<ana@example.org>) rakstīja:",
    "Bulgarian": "На пт, 20.11.2026 г. в 9:42 ч. Ana Borg <ana@example.org> написа:",
    "Slovene, Gmail": "V V pet., 20. nov. 2026 ob 09:42 je oseba Ana Borg <ana@example.org> napisala:",
    "Slovene, Thunderbird": "Dne 20. 11. 2026 ob 09:42 je Ana Borg napisal(a):",
    "Croatian, Apple": "Ana Borg <ana@example.org> je dana 20.11.2026. u 09:42 napisao/la:",
    "Polish, Apple": "Wiadomość napisana przez Ana Borg <ana@example.org> w dniu 20 lis 2026, o godz. 09:42:",
    "Estonian, the verb first": "Kirjutas Ana Borg kuupäeval 20.11.2026 kell 09:42:",
    "Albanian": "Më pre, 20 nën 2026 në 09:42 Ana Borg <ana@example.org> shkroi:",
    "Georgian": "პარ, 20 ნოე. 2026, 09:42-ზე Ana Borg-მა (<ana@example.org>) დაწერა:",
    "Irish": "Ar 20/11/2026 09:42, scríobh Ana Borg:",
    "Welsh": "Ar Gwe, 20 Tach 2026 am 09:42, ysgrifennodd Ana Borg <ana@example.org>:",
    "Esperanto": "Je 2026-11-20 09:42, Ana Borg skribis:",
    "Hebrew, Gmail": "\u202bבתאריך יום ו׳, 20 בנוב׳ 2026 ב-9:42 מאת \u202aAna Borg\u202c\u200f <\u202aana@example.org\u202c\u200f>:\u202c",
    "Persian": "در تاریخ جمعه ۲۰ نوامبر ۲۰۲۶،\u200f ۹:۴۲ Ana Borg <ana@example.org> نوشت:",
    "Swahili": "Mnamo Iju, 20 Nov 2026 saa 09:42 Ana Borg <ana@example.org> aliandika:",
    "Filipino": "Noong Biy, Nob 20, 2026 nang 9:42 AM isinulat ni Ana Borg <ana@example.org> ang:",
    "Korean, Thunderbird": "2026-11-20 오전 9:42에 Ana Borg 이(가) 쓴 글:",
    "Chinese, Thunderbird": "於 2026/11/20 上午 09:42，Ana Borg 提到:",
    "English, a comma before the verb": "On 20 Nov 2026 at 9:42 AM +0100, Ana Borg <ana@example.org>, wrote:",
    "invisible marks in front": "\u200e\u202aOn 20 Nov 2026, at 9:42, Ana Borg wrote:\u202c",
    "spaces that do not break": "On\u00a020\u00a0Nov 2026 at\u00a09:42, Ana Borg\u00a0<ana@example.org>\u00a0wrote:",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_attribution_above_unmarked_text(attribution: str) -> None:
    """Below an attribution everything is old, although no line is marked."""
    text = f"{ABOVE}\n\n{attribution}\n\n{BELOW}\n"
    assert (new(text), commands(text)) == (ABOVE, ABOVE)


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_attribution_above_a_marked_quote(attribution: str) -> None:
    """The same with quote marks, and with no empty line before it; an answer below is shown with its question."""
    text = f"{ABOVE}\n{attribution}\n> {BELOW}\n> More of it.\n"
    assert (new(text), commands(text)) == (ABOVE, ABOVE)
    assert new(f"{text}\nYes.") == f"{ABOVE}\n> {BELOW}\n> More of it.\n\nYes."


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_attribution_behind_the_quote_mark(attribution: str) -> None:
    """Apple's programs mark the attribution too."""
    quoted = "\n".join(f"> {line}" for line in [*attribution.split("\n"), "", BELOW])
    text = f"{ABOVE}\n\n{quoted}\n"
    assert (new(text), commands(text)) == (ABOVE, ABOVE)


NAMES_FIRST = {
    "English": "Ana Borg wrote on 23 Nov 2026 at 09:42:",
    "English, a day": "Ana Borg wrote on Monday, 23 November 2026:",
    "English, in brackets": "Ana Borg wrote (23 Nov 2026):",
    "English, an address alone": "ana@example.org wrote on 23/11/2026 09:42:",
    "German": "Ana Borg schrieb am 23.11.2026 um 09:42:",
    "German, in two halves": "Ana Borg hat am 23.11.2026 09:42 geschrieben:",
    "French": "Ana Borg a écrit le 23 novembre 2026 :",
    "Spanish": "Ana Borg escribió el 23/11/2026 a las 9:42:",
    "Italian": "Ana Borg ha scritto il 23 novembre 2026:",
    "Portuguese": "Ana Borg escreveu em 23/11/2026 09:42:",
    "Dutch": "Ana Borg schreef op 23-11-2026 om 09:42:",
    "Dutch, in two halves": "Ana Borg heeft op 23-11-2026 09:42 geschreven:",
    "Swedish": "Ana Borg skrev den 23.11.2026 kl. 09:42:",
    "Polish": "Ana Borg napisała w dniu 23.11.2026 09:42:",
    "Finnish": "Ana Borg kirjoitti 23.11.2026 klo 9.42:",
    "Hungarian": "Ana Borg ezt írta (időpont: 2026. nov. 23., H, 9:42):",
    "Russian": "Ана Борг писала 23.11.2026 09:42:",
    "Romanian": "Ana Borg a scris pe 23.11.2026 la 09:42:",
    "Maltese": "Ana Borg kitbet fit-23 ta' Novembru 2026:",
}


@pytest.mark.parametrize("attribution", NAMES_FIRST.values(), ids=NAMES_FIRST)
def test_the_name_before_the_date(attribution: str) -> None:
    """Above quote marks it is an attribution in any of these languages; without them people see it, and commands stop above it."""
    assert new(f"{ABOVE}\n\n{attribution}\n> {BELOW}\n> [take]") == ABOVE
    assert commands(f"{ABOVE}\n\n{attribution}\n> {BELOW}\n\n[take]") == ABOVE
    assert new(f"{ABOVE}\n\n{attribution}\n\n{BELOW}").endswith(BELOW if "@" not in attribution else ABOVE)
    assert commands(f"{ABOVE}\n\n{attribution}\n\n[take]") == ABOVE


TOLD = {
    "`he` is nobody's name": "Here is more.\nLater he wrote on 19 Nov 2026 at 22:30:",
    "`she`, at the beginning": "Here is more.\nShe wrote on 19 Nov 2026 at 22:30:",
    "to me": "Here is more.\nRobin wrote me on 19 Nov 2026 at 22:30:",
    "no name": "Here is more.\nmy neighbour wrote on 19 Nov 2026:",
    "another verb": "Here is more.\nRobin hat am 19.11.2026 um 22:30 gesagt:",
    "no date": "Here is more.\nRobin wrote on the wall of room 3:",
    "a sentence about a date": "Here is more.\nRobin and Kim and two others from the hotel wrote on 19 Nov 2026:",
}


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_what_somebody_tells_is_no_attribution(told: str) -> None:
    """A person's own sentence stays with what it quotes: it may be what is reported."""
    assert new(f"{told}\n> I know your room.") == f"{told}\n> I know your room."


CITED = {
    "Horde": "Quoting Ana Borg <ana@example.org>:",
    "Horde in German": "Zitat von Ana Borg <ana@example.org>:",
    "Horde in Spanish": "Citando a Ana Borg <ana@example.org>:",
    "Horde in Russian": "Цитирование Ana Borg <ana@example.org>:",
    "mutt, as its users like it": "* Ana Borg <ana@example.org> [2026-11-20 09:42]:",
}


@pytest.mark.parametrize("attribution", CITED.values(), ids=CITED)
def test_neither_date_nor_verb(attribution: str) -> None:
    """Above quote marks it is an attribution; without them people see what follows."""
    assert new(f"{ABOVE}\n\n{attribution}\n> {BELOW}\n> [take]") == ABOVE
    assert commands(f"{ABOVE}\n\n{attribution}\n> {BELOW}\n\n[take]") == ABOVE
    assert new(f"{ABOVE}\n\n{attribution}\n\n{BELOW}").endswith(BELOW)


def test_commands_stop_where_somebody_is_cited() -> None:
    """Words of somebody else neither run nor leave, although nothing marks them."""
    assert commands(f"[reply]\n{ABOVE}\nQuoting Ana Borg <ana@example.org>:\n[take]") == f"[reply]\n{ABOVE}"


ARROWS = {
    "a name and a time": ">>> Ana Borg <ana@example.org> 20/11/2026 09:42 >>>",
    "American": '>>> "Ana Borg" <ana@example.org> 11/20/2026 9:42 AM >>>',
    "a sentence": ">>> On 20/11/2026 at 09:42, in message <5@example.org>, Ana Borg <ana@example.org> wrote:",
}


@pytest.mark.parametrize("arrows", ARROWS.values(), ids=ARROWS)
def test_groupwise(arrows: str) -> None:
    """Old text without a mark stands below a line that has three."""
    assert (new(f"{ABOVE}\n\n{arrows}\n{BELOW}\n"), commands(f"{ABOVE}\n\n{arrows}\n{BELOW}\n")) == (ABOVE, ABOVE)


def test_three_arrows_are_mostly_a_quote() -> None:
    """The attribution of a quote in a quote in a quote is no GroupWise: what is answered below stays."""
    text = f"Yes.\n>>> On 20 Nov 2026, at 9:42, Ana Borg wrote:\n>>>> {BELOW}\n\nNo."
    assert new(text) == text


LONG = "> I had the impression, as all of you had too, that it was because the music"


def test_the_rest_of_a_line_that_was_broken_off() -> None:
    """A mail program that breaks long lines leaves their ends without a mark: they are as old as the rest of the quote."""
    quote = f"On 20 Nov 2026, at 9:42, Ana Borg wrote:\n\n{LONG}\nwas so loud.\n> Come again."
    assert new(f"{ABOVE}\n\n{quote}") == ABOVE
    assert new(f"{quote}\n\nNo.") == f"{LONG}\nwas so loud.\n> Come again.\n\nNo."


ANSWERED = {
    "it begins a sentence": f"{LONG}\nIt was.\n> Come again.",
    "the quoted line ends one": f"{LONG}.\nit was.\n> Come again.",
    "the quoted line is short": "> because the music\nit was.\n> Come again.",
    "the quote does not go on": f"{LONG}\nwas so loud.",
    "it is longer than the quoted line": f"{LONG}\nwas it? I do not think so, and nobody else who was there that evening would say it.\n> Come again.",
}


@pytest.mark.parametrize("between", ANSWERED.values(), ids=ANSWERED)
def test_an_answer_is_no_rest(between: str) -> None:
    """Whatever looks like somebody's own words between the quoted lines is shown."""
    own = between.split("\n")[1]
    assert own in new(f"On 20 Nov 2026, at 9:42, Ana Borg wrote:\n{between}")


UNKNOWN_ATTRIBUTIONS = {
    "a language nobody has listed": "Ana Borg <ana@example.org> hathi likhisi:",
    "the same with a date": "Thoir 20/11/2026 9:42, Ana Borg sgrìobh:",
    "a header block nobody has listed": "Bho: Ana Borg <ana@example.org>\nAir: 20/11/2026\nGu: Luca <luca@example.org>\nCuspair: quiet-harbour",
}


@pytest.mark.parametrize("attribution", UNKNOWN_ATTRIBUTIONS.values(), ids=UNKNOWN_ATTRIBUTIONS)
def test_unknown_language_above_our_separator(attribution: str) -> None:
    """Our separator says that what stands right above it belongs to the quote."""
    text = f"{ABOVE}\n\n{attribution}\n\n{SEPARATOR}\n\n{BELOW}"
    assert (new(text), commands(text)) == (ABOVE, ABOVE)


def test_dated_line_above_a_quote() -> None:
    """A date, a time and a colon above marked lines are an attribution in any language."""
    text = f"{ABOVE}\n\n20 Samhain 2026 9:42, Ana Borg:\n> {BELOW}"
    assert (new(text), commands(text)) == (ABOVE, ABOVE)
    assert new(f"{ABOVE}\n\n2026/11/20 Ana Borg <ana@example.org>\n\n| {BELOW}") == ABOVE


# ---- header blocks and dividers ------------------------------------------------------------------------------------------------------

HEADERS = {
    "English": "From: Ana Borg <ana@example.org>\nSent: Friday, November 20, 2026 9:42 AM\nTo: Luca\nSubject: A talk",
    "English, bold, the address wrapped": "*From:* Ana Borg [mailto:\nana@example.org]\n*Sent:* Friday 9:42\n*To:* Luca\n*Subject:* A talk",
    "English, date first": "Date: Fri, 20 Nov 2026 09:42:48 +0000\nFrom: ana@example.org\nTo: luca@example.org\nSubject: A talk",
    "English, empty lines between": "From: Ana Borg\n\nSent: Friday 9:42\n\nTo: Luca\n\nSubject: A talk",
    "English, on one line": "From: Ana Borg <ana@example.org> Sent: Friday 9:42 To: Luca Subject: A talk",
    "English, below a rule": "________________________________\nFrom: Ana Borg\nSent: Friday 9:42\nTo: Luca\nSubject: A talk",
    "German": "Von: Ana Borg\nGesendet: Freitag, 20. November 2026 09:42\nAn: Luca\nBetreff: Ein Vortrag",
    "French": "De : Ana Borg\nEnvoyé : vendredi 20 novembre 2026 09:42\nÀ : Luca\nObjet : Un exposé",
    "Spanish": "De: Ana Borg\nEnviado el: viernes, 20 de noviembre de 2026 9:42\nPara: Luca\nAsunto: Una charla",
    "Italian": "Da: Ana Borg\nInviato: venerdì 20 novembre 2026 09:42\nA: Luca\nOggetto: Un intervento",
    "Portuguese": "De: Ana Borg\nEnviado: 20 de novembro de 2026 09:42\nPara: Luca\nAssunto: Uma palestra",
    "Dutch": "Van: Ana Borg\nVerzonden: vrijdag 20 november 2026 09:42\nAan: Luca\nOnderwerp: Een praatje",
    "Polish": "Od: Ana Borg\nWysłano: piątek, 20 listopada 2026 09:42\nDo: Luca\nTemat: Wykład",
    "Czech": "Od: Ana Borg\nOdesláno: pátek 20. listopadu 2026 9:42\nKomu: Luca\nPředmět: Přednáška",
    "Swedish": "Från: Ana Borg\nSkickat: den 20 november 2026 09:42\nTill: Luca\nÄmne: Ett föredrag",
    "Danish": "Fra: Ana Borg\nSendt: 20. november 2026 09:42\nTil: Luca\nEmne: Et foredrag",
    "Finnish": "Lähettäjä: Ana Borg\nLähetetty: perjantai 20. marraskuuta 2026 9.42\nVastaanottaja: Luca\nAihe: Esitys",
    "Russian": "От: Ana Borg\nОтправлено: 20 ноября 2026 г. 9:42\nКому: Luca\nТема: Доклад",
    "Turkish": "Kimden: Ana Borg\nGönderildi: 20 Kasım 2026 Cuma 09:42\nKime: Luca\nKonu: Konuşma",
    "Maltese": "Minn: Ana Borg\nMibgħut: il-Ġimgħa, 20 ta' Novembru 2026 09:42\nLil: Luca\nSuġġett: Taħdita",
    "Japanese": "差出人: Ana Borg\n送信日時: 2026年11月20日 9:42\n宛先: Luca\n件名: 講演",
    "Korean": "보낸 사람: Ana Borg\n보낸 날짜: 2026년 11월 20일 금요일 9:42\n받는 사람: Luca\n제목: 발표",
    "Chinese": "发件人: Ana Borg\n发送时间: 2026年11月20日 9:42\n收件人: Luca\n主题: 演讲",
    "Hungarian": "Feladó: Ana Borg\nKüldve: 2026. november 20. 9:42\nCímzett: Luca\nTárgy: X",
    "Greek": "Από: Ana Borg\nΑποστολή: Παρασκευή, 20 Νοεμβρίου 2026 9:42 πμ\nΠρος: Luca\nΘέμα: X",
    "Bulgarian": "От: Ana Borg\nИзпратено: петък, 20 ноември 2026 г. 9:42\nДо: Luca\nОтносно: X",
    "Serbian": "Od: Ana Borg\nPoslato: petak, 20. novembar 2026. 09:42\nZa: Luca\nTema: X",
    "Lithuanian": "Nuo: Ana Borg\nSiųsta: 2026 m. lapkričio 20 d. 09:42\nKam: Luca\nTema: X",
    "Estonian": "Saatja: Ana Borg\nSaatmisaeg: reede, 20. november 2026 09:42\nAdressaat: Luca\nTeema: X",
    "Icelandic": "Frá: Ana Borg\nSent: föstudagur, 20. nóvember 2026 09:42\nTil: Luca\nEfni: X",
    "Basque": "Nork: Ana Borg\nBidalita: 2026-11-20 9:42\nNori: Luca\nGaia: X",
    "Welsh": "Oddi wrth: Ana Borg\nAnfonwyd: 20 Tachwedd 2026 9:42\nAt: Luca\nPwnc: X",
    "Hebrew": "מאת: Ana Borg\n\u200f\u200fנשלח: יום שישי 20 נובמבר 2026 09:42\n\u200f\u200fאל: Luca\n\u200f\u200fנושא: X",
    "Arabic": "من: Ana Borg\nتم الإرسال: 20/11/2026 9:42\nإلى: Luca\nالموضوع: X",
    "Persian": "از: Ana Borg\nارسال شده: 20/11/2026 9:42\nبه: Luca\nموضوع: X",
    "Hindi": "से: Ana Borg\nप्रेषित: 20 नवंबर 2026 9:42\nप्रति: Luca\nविषय: X",
    "Thai": "จาก: Ana Borg\nวันที่: 20 พฤศจิกายน 2026 9:42\nถึง: Luca\nหัวข้อ: X",
    "Vietnamese": "Từ: Ana Borg\nĐã gửi: 20 Tháng Mười Một 2026 9:42\nTới: Luca\nChủ đề: X",
    "Malay": "Daripada: Ana Borg\nDihantar: 20 November 2026 9:42\nKepada: Luca\nSubjek: X",
    "a divider nobody has listed above headers": "------- Teachdaireachd thùsail -------\nFrom: Ana Borg\nDate: 20/11/2026\nSubject: A talk",
    "Chinese, wide colons": "寄件者：Ana Borg\n寄件日期：2026年11月20日 9:42\n收件者：Luca\n主旨：演講",
    "a divider alone": "-----Original Message-----",
    "a divider in small letters": "----- original message -----",
    "a divider and headers": "-------- Original Message --------\nFrom: Ana Borg\nDate: 20/11/2026\nSubject: A talk",
    "a German divider": "-----Ursprüngliche Nachricht-----",
    "a French divider": "-----Message d'origine-----",
    "a Swedish divider": "-----Ursprungligt meddelande-----",
    "a Japanese divider": "-----元のメッセージ-----",
    "another system's separator": "##- Please type your reply above this line -##",
    "another system's history": "---\n*Previous Replies*",
    "our separator": SEPARATOR,
    "our separator, decorated differently": "** Please write above this line **",
    "our separator, wrapped": "=== please\nwrite above\nthis line ===",
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_above_unmarked_text(headers: str) -> None:
    """Below the header block of another mail, a divider or our separator everything is old."""
    text = f"{ABOVE}\n\n{headers}\n\n{BELOW}\n"
    assert (new(text), commands(text)) == (ABOVE, ABOVE)


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_behind_the_quote_mark(headers: str) -> None:
    """The same, marked line by line."""
    quoted = "\n".join(f"> {line}" for line in f"{headers}\n\n{BELOW}".split("\n"))
    assert (new(f"{ABOVE}\n\n{quoted}"), commands(f"{ABOVE}\n\n{quoted}")) == (ABOVE, ABOVE)


def test_our_own_letters_are_never_shown_as_context() -> None:
    """Answers between the lines of a letter of ours are shown without it: staff know the letter."""
    text = f"> {SEPARATOR}\n> Where was it?\n\nIn the bar.\n\n> When?\n\nAt nine."
    assert new(text) == "In the bar.\n\n\nAt nine."
    assert commands(text) == ""


def test_a_separator_that_is_not_configured_is_none() -> None:
    """Without a separator nothing is taken for one."""
    assert new_text("One.\n\nTwo.", separator="") == "One.\n\nTwo."
    assert command_text("One.\n\nTwo.", separator="***") == "One.\n\nTwo."


# ---- signatures ----------------------------------------------------------------------------------------------------------------------

SIGNATURES = {
    "RFC 3676": "-- \nAna Borg\n+356 2000 0000",
    "without its space": "--\nAna Borg",
    "a mailing list's footer": "_______________________________________________\nSpeakers mailing list\nhttps://lists.example.org/listinfo/speakers",
    "a rule with nothing below": "________",
    "iPhone": "Sent from my iPhone",
    "a network's name": "Sent from my Verizon Wireless BlackBerry",
    "Outlook for a phone": "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Outlook for a phone in French": "Envoyé à partir de Outlook pour iOS<https://aka.ms/o0ukef>",
    "Windows Mail": "Sent from Mail for Windows 10",
    "Yahoo": "Sent from Yahoo Mail on Android",
    "Proton": "Sent with [Proton Mail](https://proton.me/) secure email.",
    "German": "Von meinem iPhone gesendet",
    "German, other order": "Gesendet mit der GMX iPhone App",
    "French": "Envoyé de mon iPhone",
    "Spanish": "Enviado desde mi iPhone",
    "Italian": "Inviato da iPhone",
    "Portuguese": "Enviado do meu iPhone",
    "Dutch": "Verstuurd vanaf mijn iPhone",
    "Swedish": "Skickat från min iPhone",
    "Danish": "Sendt fra min iPhone",
    "Finnish": "Lähetetty iPhonesta",
    "Polish": "Wysłane z iPhone'a",
    "Czech": "Odesláno z iPhonu",
    "Russian": "Отправлено с iPhone",
    "Turkish": "iPhone'umdan gönderildi",
    "Maltese": "Mibgħut mill-iPhone tiegħi",
    "Japanese": "iPhoneから送信",
    "Korean": "나의 iPhone에서 보냄",
    "Chinese": "发自我的 iPhone",
    "Chinese, traditional": "發自我的 iPhone",
    "Thai": "ส่งจาก iPhone ของฉัน",
    "Hindi": "मेरे iPhone से भेजा गया",
    "Hebrew": "נשלח מהאייפון שלי",
    "Lithuanian": "Išsiųsta iš mano iPhone",
    "Outlook for a phone in German": "Holen Sie sich Outlook für Android",
    "Outlook for a phone in Japanese": "Outlook for Android を入手",
    "a network and its telephone": "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone",
}


@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES)
def test_signature_at_the_end(signature: str) -> None:
    """A signature goes, whether it ends the mail or stands above the quote."""
    for text in (f"{ABOVE}\n\n{signature}\n", f"{ABOVE}\n\n{signature}\n\nOn 20 Nov 2026, at 9:42, Ana Borg wrote:\n\n{BELOW}"):
        assert (new(text), commands(text)) == (ABOVE, ABOVE)


def test_two_signatures() -> None:
    """A second delimiter with nothing of its own below it goes too; what stands between two may be words and stays."""
    assert new(f"{ABOVE}\n\n--\n-- \nAna") == ABOVE
    assert new(f"{ABOVE}\n--\nIt was dark.\n--\nAna") == f"{ABOVE}\n--\nIt was dark."


def test_a_smile_introduces_nothing() -> None:
    """`:tada:` ends in a colon, and what follows is quoted by habit all the same."""
    assert new(f"{ABOVE} :tada:\n\nOn 20 Nov 2026, at 9:42, Ana wrote:\n> {BELOW}") == f"{ABOVE} :tada:"


def test_signature_below_the_quote() -> None:
    """Below a quote only a signature follows: the quote has no answer and goes with it."""
    assert new(f"{ABOVE}\n\nOn 20 Nov 2026, at 9:42, Ana wrote:\n> {BELOW}\n\n-- \nLuca") == ABOVE


# ---- when unsure, people see it ------------------------------------------------------------------------------------------------------

KEPT = {
    "a sign-off is no signature": "I felt unsafe.\n\nThanks,\nAlex",
    "a quote nobody is named for may be what is reported": "This is on the wall of the room:\n\n> Go home, all of you.\n> We know where you sleep.",
    "the same without the colon": "Somebody wrote this on the wall\n\n> Go home, all of you.",
    "nothing but a quote": "> Go home, all of you.",
    "a quote with words below it": "> Go home, all of you.\n\nThis was in my mail today.",
    "a mail that is introduced is the report": "He sent me this:\n\nFrom: Carmel\nSent: Friday 9:42\nTo: me\nSubject: You\n\nI know your room.",
    "the same with an attribution": "He sent me this:\n\nOn 20 Nov 2026, at 9:42, Carmel <c@example.org> wrote:\n> I know your room.",
    "a mail pasted with nothing above it": "From: Carmel\nSent: Friday 9:42\nTo: me\nSubject: You\n\nI know your room.",
    "`he wrote` is a sentence": "It began here.\nOn 19 Nov 2026 at 22:30 he wrote:\n\nI know your room.\n\nI left then.",
    "`er schrieb` is one too": "So fing es an.\nAm 19.11.2026 um 22:30 schrieb er:\n\nIch kenne dein Zimmer.",
    "`m'a écrit` as well": "Bonsoir,\nLe 19 nov. 2026 à 22:30, Carmel m'a écrit :\n\nJe connais ta chambre.",
    "`他写道` is one as well": "从那时开始。\n在2026年11月19日22:30，他写道：\n\n我知道你的房间。",
    "somebody is quoted": "Hello.\nQuoting carmel@example.org:\n\nI know your room.",
    "an answer inside a quoted line": "He wrote on the list\n> that all of us had known about the party in the hotel since\nwe had not\n> last Monday",
    "my boss has no name": "It began at dinner.\nOn 20 Nov 2026 at 22:30 my boss wrote:\n\nI know your room.\n\nI ran.",
    "`mon chef` neither": "C'était ainsi.\nLe 20/11/2026 à 22:30, mon chef a écrit :\n\nJe connais ta chambre.\n\nJ'ai couru.",
    "`il mio capo` neither": "Così.\nIl 20/11/2026 alle 22:30 il mio capo ha scritto:\n\nSo dove dormi.",
    "`schrieb mein Chef`": "So fing es an.\nAm 20.11.2026 um 22:30 schrieb mein Chef:\n\nIch kenne dein Zimmer.",
    "`он мне написал`": "Так началось.\n20.11.2026 в 22:30 он мне написал:\n\nЯ знаю твою комнату.",
    "`do mnie`": "Tak było.\nDnia 20.11.2026 o 22:30 napisał do mnie:\n\nWiem, gdzie śpisz.",
    "nobody named in Thai": "เริ่มตอนนั้น\n20/11/2026 22:30 เขาเขียนว่า:\n\nฉันรู้ห้องของเธอ",
    "nobody named in Hebrew": "כך זה התחיל.\nבתאריך 20/11/2026 בשעה 22:30 הוא כתב:\n\nאני יודע.",
    "a talk in Chinese": "从那时开始。\n我在2026年11月20日22:30的会上提到：\n\n我害怕。",
    "a wall in Korean": "그때부터.\n2026. 11. 20. 22:30 벽에 쓴 글:\n\n네 방을 안다.",
    "a letter and a pronoun": "Hi.\nOn 20 Nov 2026 at 22:30 I got this from carmel@x.example, and he wrote:\n\nI know your room.",
    "a time zone in a story": "So it went.\n20/11/2026 22:30 UTC+1 in the bar\n\nHe took my arm.",
    "a time zone and nobody": "So it went.\n20/11/2026 22:30 UTC+1\n\nHe took my arm.",
    "a form with labels of a mail": "Your form:\n\nFrom: the back of the room\nDate: I think Tuesday\nSubject: harassment\n\nHe took my arm.",
    "the same with a date": "Your form:\n\nFrom: the back of the room\nDate: 20 Nov 2026, 22:30\nSubject: harassment\n\nHe took my arm.",
    "the same below a title": "Hello\n------- What happened -------\nFrom: 22:30\nDate: Friday\nSubject: a man\n\nHe took my arm.",
    "the same in Serbian": "Evo.\n\nOd: govornika\nDatum: mislim utorak\nTema: uznemiravanje\n\nUhvatio me je.",
    "a timeline between arrows": "Hello.\n>>> Friday 20/11/2026 22:30 the bar >>>\nHe took my arm.",
    "a prompt": ">>> 20.11.2026 22:30 in the bar >>>\nHe took my arm.",
    "a spark is no program": "It was dark.\n\nSent with a spark of hope",
    "nor is somebody's room": "It was dark.\n\nSent from the boxer's room",
    "letters of a word": "It was dark.\n\nSent out of curiosity, sent via curiosity",
    "two phones": "It was dark.\n\nSent from his phone, not from my smartphone",
    "give it back in Turkish": "Selam\nLütfen telefonu geri edinin",
    "his photographs in Chinese": "你好\n下載他手機的照片",
    "a writer without a date": "Hello,\nbob@example.org wrote:\n\nI know your room.",
    "a date without a time": "Hello,\nOn Thursday 19 November Carmel wrote:\n\nI know your room.",
    "a sentence about writing": "On 19 Nov 2026 at 22:30 I saw that somebody wrote\nmy name on the door. It was him.",
    "two sentences, two lines": "On 19 Nov 2026 at 22:30 we met.\nThen Carmel Vella wrote:\n\nSorry.",
    "a line about two things": "On 19 Nov 2026 at 22:30 it began\n\nCarmel wrote:\n\nSorry.",
    "a list with dates": "2026-11-19 22:30 bar\n2026-11-19 22:40 lift\n2026-11-20 09:00 talk",
    "questions and answers": "Q: Who?\nA: Carmel.\nQ: To whom?\nA: To me.",
    "two labels": "From: the bar\nTo: the lift\nIt was dark.",
    "a form somebody filled in": "Name: Ana\nDate: 19 November\nTo: the board\n\nIt was dark.",
    "a long label": "From the moment that I came into the room on Friday: nothing.\nDate: none\nSubject: none\nTo: none",
    "a bold heading": "It was dark.\n\n**Original message**\n\nI know your room.",
    "a rule between paragraphs": "It was dark.\n\n----------\n\nThen he left.",
    "a line of stars": "It was dark.\n\n**********\n\nThen he left.",
    "dashes in a sentence": "And here it is -- this is not a signature.\n--\n" + "\n".join(f"Line {n} of a long story." for n in range(11)),
    "dashes above long lines": "It was dark.\n--\n" + "I ran to the door and nobody came to help me. " * 14 + "Why?",
    "nothing above the dashes": "--\nIt was dark.",
    "a signature in the middle": "It was dark.\n-- \nAna\n\n> Who was it?\n\nCarmel.",
    "`sent from` a place": "It was dark.\n\nSent from my desk, which is easier than my mobile phone",
    "a room is no telephone": "It was dark.\n\nSent from my hotel room",
    "a device in the middle": "Sent from my iPhone\n\nIt was dark.",
    "our separator in a sentence": f"What does {SEPARATOR} mean?\nIt was dark.",
    "a rule that no list made": "It was dark.\n\n______\nSee https://example.org/photo",
    "greater than": "I would say\n> 100 people saw it.\nNobody helped.",
    "a table": "| when | where |\n| 22:30 | bar |",
    "a name and an arrow": "Ana> hello\nIt was a chat.",
    "a long rule with a number": "It was dark.\n\n" + "-" * 90 + " 2\n\nThen he left.",
    "empty lines inside": "One.\n\n\n\nTwo.",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_when_unsure_people_see_it(text: str) -> None:
    """What may be somebody's own words is shown, to the last of them."""
    assert new(text) == text.strip()


@pytest.mark.parametrize(
    "text", [f"\n\n{ABOVE}\n\n", ABOVE.replace("\n", "\r\n"), ABOVE.replace("\n", "\r"), ABOVE.replace("\n", "\u2028")]
)
def test_line_ends(text: str) -> None:
    """Any line end becomes one, and empty lines at both ends go."""
    assert (new(text), commands(text)) == (ABOVE, ABOVE)


def test_answers_below_or_between() -> None:
    """Answers below or between quoted lines are shown with the lines that they answer; the last quote has no answer and goes."""
    quote = "On 20 Nov 2026, at 9:42, Ana Borg wrote:\n> Who?\n> Where?"
    assert new(f"{quote}\n\nCarmel, in the bar.") == "> Who?\n> Where?\n\nCarmel, in the bar."
    assert new(f"{quote}\nIn the bar.\n> When?\nAt nine.\n> Thanks.") == "> Who?\n> Where?\nIn the bar.\n> When?\nAt nine."


def test_our_letter_without_quote_marks() -> None:
    """Where our separator has no quote mark, quote marks below it are those of the letter itself."""
    letter = f"{SEPARATOR}\n\n> It was dark.\n\nAll commands: [help]."
    assert (new(f"{ABOVE}\n\n{letter}"), commands(f"{ABOVE}\n\n{letter}")) == (ABOVE, ABOVE)


def test_answer_below_an_unmarked_quote() -> None:
    """Where nothing stands above, nobody can tell where the answer begins below: all of it is shown."""
    assert new(f"On 20 Nov 2026, at 9:42, Ana Borg wrote:\n\n{BELOW}\n\nNo.") == f"{BELOW}\n\nNo."
    assert new(f"{SEPARATOR}\n\n{BELOW}\n\nNo.") == f"{BELOW}\n\nNo."


def test_nothing_new() -> None:
    """A mail with nothing but a named quote, or nothing at all, has no new text."""
    assert new("> On 20 Nov 2026, at 9:42, Ana Borg wrote:\n>\n> Who?") == ""
    assert (new(""), new("\n \n"), commands("")) == ("", "", "")


# ---- when unsure, commands stop ------------------------------------------------------------------------------------------------------

STOPS = {
    "a quote mark": "> [take]",
    "a quote mark as HTML writes it": "&gt; [take]",
    "a wide quote mark": "＞ [take]",
    "a bar": "| [take]",
    "a name and a quote mark": "Ana> [take]",
    "a quote mark after invisible characters": "\u200b\u00a0> [take]",
    "dashes": "---\n[take]",
    "one long dash": "—\n[take]",
    "underscores": "__\n[take]",
    "dashes in the middle of a long story": "--\n" + "[take]\n" * 30,
    "a sentence in which somebody wrote": "On Thursday 19 November Carmel wrote:\n[take]",
    "two labels": "From: Carmel\nSubject: you\n[take]",
    "sent from somewhere": "Sent from my kitchen\n[take]",
    "our separator among other words": f"Ana wrote: {SEPARATOR} New report\n[take]",
    "our separator among other words, wrapped": "Ana wrote: === please write\nabove this line === New report\n[take]",
    "a signed message inside": "-----BEGIN PGP SIGNATURE-----\n[take]",
    "a forward's divider below something else that stops": "--\n[take]",
}


@pytest.mark.parametrize("below", STOPS.values(), ids=STOPS)
def test_when_unsure_commands_stop(below: str) -> None:
    """Commands are not read from, and letters not made of, what may be a quote or a signature; blank lines before it do not matter."""
    assert commands(f"[status]\n{ABOVE}\n{below}") == f"[status]\n{ABOVE}"
    assert commands(f"[status]\n{ABOVE}\n\n\n{below}\n\nMore.") == f"[status]\n{ABOVE}"


COMPLETE = {
    "blank lines": "[reply]\nOne.\n\n\nTwo.",
    "a list": "[reply]\n- one\n* two\n1. three",
    "a tag over lines": '[determine what="followed and\nblocked" violation=yes\nwho=P1]\nText.',
    "indented lines": "  [take]\n    Text.",
    "a sign-off": "[reply]\nText.\n\nKind regards,\nAna",
    "one label": "[reply]\nDate: Friday.\nPlace: the hall.",
    "a time and a colon": "[reply]\nWe meet on 20 November 2026 at 9:42:\nin the hall.",
    "an address": "[reply]\nWrite to ana@example.org:\nshe answers.",
    "double hyphens": "[reply]\nIt is -- as you say -- hard.",
}


@pytest.mark.parametrize("text", COMPLETE.values(), ids=COMPLETE)
def test_what_staff_type_is_complete(text: str) -> None:
    """Lines, blank lines and wrapped lines above the quote are all there, as they came."""
    assert commands(f"{text}\n\n-- \nAna\n\n> [urgent]") == text.strip("\n")


def test_a_line_that_begins_like_the_separator() -> None:
    """The line above the separator is nobody's separator, even where it holds the same first word."""
    assert commands(f"[reply]\nPlease come at nine.\n\n{SEPARATOR}\n{BELOW}") == "[reply]\nPlease come at nine."


def test_trailing_blanks_of_lines_stay() -> None:
    """Lines are not changed: a soft line break of format=flowed is somebody else's matter."""
    assert commands("[reply] \none \ntwo\n") == "[reply] \none \ntwo"


# ---- forwards ------------------------------------------------------------------------------------------------------------------------

FORWARDS = {
    "Gmail": ("", "---------- Forwarded message ---------\nFrom: Carmel"),
    "Thunderbird": ("", "-------- Forwarded Message --------\nSubject: You"),
    "Lotus Notes": ("", "----- Forwarded by Ana Borg/Example on 20.11.2026 09:42 -----"),
    "Zoho": ("", "============ Forwarded message ============"),
    "Apple": ("", "Begin forwarded message:\n\n> From: Carmel"),
    "Apple, marked": ("", "> Begin forwarded message:\n>\n> From: Carmel"),
    "German": ("", "---------- Weitergeleitete Nachricht ---------"),
    "German, Apple": ("", "Anfang der weitergeleiteten Nachricht:"),
    "French": ("", "-------- Message transféré --------"),
    "French, Apple": ("", "Début du message réexpédié :"),
    "Spanish": ("", "---------- Mensaje reenviado ---------"),
    "Italian": ("", "-------- Messaggio Inoltrato --------"),
    "Portuguese": ("", "---------- Mensagem encaminhada ---------"),
    "Dutch": ("", "---------- Doorgestuurd bericht ---------"),
    "Swedish": ("", "---------- Vidarebefordrat meddelande ---------"),
    "Danish": ("", "---------- Videresendt besked ---------"),
    "Polish": ("", "---------- Wiadomość przekazana ---------"),
    "Russian": ("", "-------- Пересылаемое сообщение --------"),
    "Japanese": ("", "---------- 転送されたメッセージ ---------"),
    "below a signature": ("", "-- \nAna\n\n---------- Forwarded message ---------"),
    "Outlook, told by the subject": ("FW: You", "From: Carmel\nSent: Friday\nTo: Ana\nSubject: You"),
    "Outlook in German": ("WG: Du", "Von: Carmel\nGesendet: Freitag\nAn: Ana\nBetreff: Du"),
    "Outlook in French": ("TR : Toi", "De : Carmel\nEnvoyé : vendredi\nÀ : Ana\nObjet : Toi"),
    "Outlook in Italian": ("I: Tu", "Da: Carmel\nInviato: venerdì\nA: Ana\nOggetto: Tu"),
    "a wide colon": ("Fwd：You", "From: Carmel"),
    "Outlook in Finnish": ("VL: Sinä", "Lähettäjä: Carmel\nLähetetty: perjantai\nVastaanottaja: Ana\nAihe: Sinä"),
    "Outlook in Turkish": ("İLT: Sen", "Kimden: Carmel\nGönderildi: Cuma\nKime: Ana\nKonu: Sen"),
}


@pytest.mark.parametrize(("subject", "divider"), FORWARDS.values(), ids=FORWARDS)
def test_forwards(subject: str, divider: str) -> None:
    """A forward is shown whole, and holds no commands, not even above the divider."""
    text = f"[take]\nLook at this.\n\n{divider}\n\nI know your room.\n\n-- \nCarmel"
    assert is_forward(text, separator=SEPARATOR, subject=subject)
    assert (new(text, subject), commands(text, subject)) == (text, "")


OUTLOOK = "From: Carmel <carmel@speaker.example>\nSent: Friday, November 20, 2026 10:40 PM\nTo: Ana\nSubject: You"
PASSED_ON = {name: given for name, given in FORWARDS.items() if not given[0] and name != "Apple, marked"} | {
    "Outlook": ("FW: You", OUTLOOK),
    "Outlook below its line": ("FW: You", f"________________________________\n{OUTLOOK}"),
}


@pytest.mark.parametrize(("subject", "divider"), PASSED_ON.values(), ids=PASSED_ON)
def test_words_above_a_forward(subject: str, divider: str) -> None:
    """The writer's own words are told from what they pass on."""
    text = f"[take]\nLook at this.\n\n{divider}\n\nI know your room.\n\n-- \nCarmel"
    assert views(text, separator=SEPARATOR, subject=subject).own_words == "[take]\nLook at this."


UNSURE = {
    "a header that could be a sentence": ("FW: You", "Look at this.\n\nFrom: Carmel\n\nI know your room."),
    "no words above": ("", "---------- Forwarded message ---------\nFrom: Carmel\n\nI know your room."),
    "a signature alone above": ("", "-- \nAna\n\n---------- Forwarded message ---------\nFrom: Carmel\n\nI know your room."),
    "words below a quoted forward": ("", "Look:\n\n> Begin forwarded message:\n>\n> I know your room.\n\nThis was at nine."),
    "only the subject says it": ("Fwd: You", "He wrote that he knows my room.\n\n-- \nAna"),
}


@pytest.mark.parametrize(("subject", "text"), UNSURE.values(), ids=UNSURE)
def test_a_forward_that_cannot_be_told_apart(subject: str, text: str) -> None:
    """Where it is not sure whose words they are, all of them are the writer's."""
    assert views(text, separator=SEPARATOR, subject=subject)[:2] == (text, text)


ANSWERS = {
    "an answer to a forward": (
        "Re: Fwd: You",
        f"{ABOVE}\n\nOn 20 Nov 2026, at 9:42, Ana wrote:\n> ---------- Forwarded message ---------\n> x",
    ),
    "an unmarked answer to a notice about a forward": ("Re: You", f"{ABOVE}\n\n{SEPARATOR}\n---------- Forwarded message ---------\nx"),
    "an unmarked answer to a forward": (
        "Re: You",
        f"{ABOVE}\n\nFrom: Ana\nSent: Friday 9:42\nSubject: You\n\n-------- Forwarded Message --------\nx",
    ),
    "an answer to a notice about a forward": ("Re: You", f"{ABOVE}\n\n> {SEPARATOR}\n> ---------- Forwarded message ---------\n> x"),
    "Finnish for `Re:`": ("VS: You", ABOVE),
    "a subject with a colon": ("Report: you", ABOVE),
}


@pytest.mark.parametrize(("subject", "text"), ANSWERS.values(), ids=ANSWERS)
def test_answers_are_no_forwards(subject: str, text: str) -> None:
    """What is passed on inside a quote, or an answer to a forward, makes no forward of the mail."""
    assert not is_forward(text, separator=SEPARATOR, subject=subject)
    assert (new(text, subject), commands(text, subject)) == (ABOVE, ABOVE)


# ---- whatever comes ------------------------------------------------------------------------------------------------------------------

ATTRIBUTION = "On 20 Nov 2026, at 9:42, Ana Borg <ana@example.org> wrote:"
FRAGMENTS = [
    *("> ", ">", "\n", "\n\n", "\r\n", "\r", "\u2028", " ", "--", "-- \n", "---", "____", "—", ":", "@", "<", "\u200b", "On ", "wrote:"),
    *("[take]", "From: ", "Sent: ", "To: ", "Subject: ", "20 Nov 2026 9:42", "Sent from my iPhone", "words of a person", "ana@example.org"),
    *(ATTRIBUTION, SEPARATOR, "-----Original Message-----", "---------- Forwarded message ----------", "GMT+01:00", "| ", "&gt;", "…"),
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=40).map("".join)
own_lines = st.lists(st.text(alphabet="abcdefghij ÄÖżġħ.,!?'()[]=", max_size=40), min_size=1, max_size=8)
quotes = st.sampled_from([f"{ATTRIBUTION}\n> {BELOW}", f"{ATTRIBUTION}\n\n{BELOW}", f"> {ATTRIBUTION}\n> {BELOW}", f"{SEPARATOR}\n{BELOW}"])


@given(texts)
def test_commands_are_lines_of_the_mail(text: str) -> None:
    """Command text is one run of whole lines of the mail, none of them quoted, and reading it again changes nothing."""
    found = commands(text)
    lines = text.splitlines()
    read = found.splitlines()
    assert not read or any(lines[at : at + len(read)] == read for at in range(len(lines)))
    assert not any(line.strip().startswith((">", "|", "&gt;")) for line in read)
    assert commands(found) == found


@given(texts, texts)
def test_commands_never_come_from_below_the_separator(above: str, below: str) -> None:
    """Nothing below our separator is read, whatever stands above it."""
    assert "planted" not in commands(f"{above}\n{SEPARATOR}\n[planted]\n{below}\n[planted]")


@given(texts)
def test_new_text_is_made_of_lines_of_the_mail(text: str) -> None:
    """New text is made of whole lines of the mail in their order; nothing is made up."""
    lines = iter(text.splitlines())
    assert all(line in lines for line in new(text).splitlines())


@given(own_lines, quotes)
def test_words_above_the_quote_are_never_lost(lines: list[str], quote: str) -> None:
    """Every line that stands before the first quote is new text and command text."""
    above = "\n".join(lines)
    kept = "\n".join(above.split("\n")).strip("\n ")
    expected = [line for line in above.split("\n") if line.strip()]
    for found in (new(f"{above}\n\n{quote}"), commands(f"{above}\n\n{quote}")):
        assert [line for line in found.split("\n") if line.strip()] == expected or (not kept and expected == [])


HOSTILE: dict[str, Callable[[int], str]] = {
    "empty lines": lambda n: "\n" * n,
    "On On On": lambda n: "On " * n,
    "lines that begin like an attribution": lambda n: "On 20 Nov 2026 <a@b\n" * n,
    "attributions": lambda n: f"{ATTRIBUTION}\n" * n,
    "attributions above empty lines": lambda n: f"x\n{ATTRIBUTION}\n" + "\n" * n + "> x",
    "quote marks in one line": lambda n: ">" * n * 20,
    "quote marks in lines": lambda n: ">\n" * n,
    "quotes and rules by turns": lambda n: f"x\n{ATTRIBUTION}\n" + "> x\n-----\n" * n,
    "wrote:": lambda n: "wrote:" * n,
    "labels": lambda n: "From: a@b\n" * n,
    "labels in one line": lambda n: "From: " * n,
    "header blocks": lambda n: "From: a\nSent: b\nTo: c\nSubject: d\n" * n,
    "signature dashes": lambda n: "x\n" + "--\nx\n" * n,
    "underscores in lines": lambda n: "_\n" * n,
    "underscores in one line": lambda n: "_" * n * 20,
    "half a separator": lambda n: "please write above this\n" * n,
    "the separator's first word": lambda n: "please " * n,
    "spaces": lambda n: " " * n * 20 + ">",
    "open brackets": lambda n: "Sent from (" * n,
    "numbers": lambda n: "1:20.11." * n,
    "invisible characters": lambda n: "\u200b" * n * 5,
    "line separators": lambda n: "\u2028" * n,
    "forwards": lambda n: "---------- Forwarded message ---------\n" * n,
}


def seconds(text: str) -> float:
    """CPU seconds for both views of a text: the best of three, because other programs run here too."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        new(text), commands(text)
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_no_faster_than_the_mail(hostile: Callable[[int], str]) -> None:
    """Doubled three times, a hostile mail costs eight times as much and some change; a square would cost 64 times."""
    small, large = seconds(hostile(600)), seconds(hostile(4_800))
    assert large < 16 * small + 0.02


@pytest.mark.parametrize(
    "text", ["\n" * 25_000_000, ">" * 1_000_000, "On On On" * 1_000_000, "> a\n" * 5_000_000], ids=lambda text: repr(text[:8])
)
def test_huge_mails(text: str) -> None:
    """A mail at the size limit costs at most a second: beyond a bound lines are not looked at, only kept."""
    assert seconds(text) < 1.0


def test_what_is_not_looked_at_is_kept_and_never_obeyed() -> None:
    """Beyond the bound people still see every word, and no command is read."""
    story = "It was dark.\n" * 6_000
    assert new(story + "[take]") == story + "[take]"
    assert "[take]" not in commands(story + "[take]")
    assert commands("word " * 300_000 + "\n[take]") == ""
    assert new("word\n" * 4_999 + "word " * 300_000) == "word\n" * 4_999 + ("word " * 300_000).strip()


DOUBTS = {
    "a writer in small letters": "On 20/11/2026 at 9:42, ana borg wrote:",
    "the same, wrapped": "On 20/11/2026 at 9:42, ana\nborg wrote:",
    "a writer and a time zone": "2026-11-20 9:42 GMT+01:00 ana borg",
    "a block whose writer stands last": "Subject: x\nDate: Tuesday\nFrom: the team",
    "a block without a time": "From: the team\nDate: Tuesday\nSubject: x",
}


@pytest.mark.parametrize("opening", DOUBTS.values(), ids=DOUBTS)
def test_a_doubt_is_shown_and_gives_no_command(opening: str) -> None:
    """People see what follows; no command is read from it, because it may be an older mail."""
    text = f"{ABOVE}\n\n{opening}\n\n[close]\n\nThe end."
    assert new(text) == text
    assert "[close]" not in commands(text)

"""What mail servers of many makes and languages write to people whose mail they could not deliver, where no structure tells."""

import pytest

from maild.mail.identity import Own
from maild.mail.message import Message, Sort
from maild.mail.parse import parse

OWN = Own(mailbox="info@pymalta.example")


def read(author: str, subject: str, text: str, *, head: str = "") -> Message:
    return parse(f"{head}From: {author}\nTo: info@pymalta.example\nSubject: {subject}\n\n{text}".encode(), own=OWN)


NOTICES = {
    "GroupWise": (
        "Mailer-Daemon@mx.reporter.example",
        "Mail System Error - Returned Mail",
        (
            "The message that you sent was undeliverable to the following:\n"
            "\n"
            "\tlea@visitor.example (user not found)\n"
            "\n"
            "Possibly truncated original message follows:\n"
            "\n"
            "Received: from a by b\n"
        ),
    ),
    "IMail": (
        "Postmaster <postmaster@reporter.example>",
        "Undeliverable Mail",
        ("Unknown user: lea@visitor.example\n\n\nOriginal message follows.\n\nReceived: from x\n"),
    ),
    "IMail full": (
        "Postmaster <postmaster@reporter.example>",
        "Undeliverable Mail",
        ("User mailbox exceeds allowed size: lea@visitor.example\n\nOriginal message follows.\n"),
    ),
    "MailEnable": (
        "Postmaster <postmaster@reporter.example>",
        "Message Delivery Failure",
        (
            "MailEnable: Message could not be delivered to some recipients.\n"
            "The following recipient(s) could not be reached:\n"
            "\n"
            "\tRecipient: [SMTP:lea@visitor.example]\n"
            "\tReason: The message cannot be delivered\n"
            "\n"
            "Message headers follow:\n"
        ),
    ),
    "Courier": (
        '"Courier mail server at x" <>',
        "NOTICE: mail delivery status.",
        (
            "This is a delivery status notification from x, running the Courier mail server.\n"
            "\n"
            "The original message was received on Mon from info\n"
            "\n"
            "---------------------------------------------------------------------------\n"
            "\n"
            "                           UNDELIVERABLE MAIL\n"
            "\n"
            "Your message to the following recipients cannot be delivered:\n"
            "\n"
            "<lea@visitor.example>:\n"
            "    mx [192.0.2.1]:\n"
            ">>> RCPT TO:<lea@visitor.example>\n"
            "<<< 550 User unknown\n"
        ),
    ),
    "James": (
        "postmaster@reporter.example",
        "Re: hello",
        (
            "Hi. This is the James mail server at x.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.  Below\n"
            "I include the list of recipients and the reason why I was unable to deliver\n"
            "your message.\n"
            "\n"
            "Failed recipient(s):\n"
            "lea@visitor.example\n"
            "\n"
            "Error message:\n"
            "550 no\n"
        ),
    ),
    "OpenSMTPD": (
        "Mailer Daemon <MAILER-DAEMON@mx.example>",
        "Delivery status notification",
        (
            "        Hi!\n"
            "\n"
            "        This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n"
            "\n"
            "        An error has occurred while attempting to deliver a message for\n"
            "        the following list of recipients:\n"
            "\n"
            "lea@visitor.example: 550 5.1.1 unknown\n"
            "\n"
            "        Below is a copy of the original message:\n"
        ),
    ),
    "Notes": (
        "Lotus_Notes_Router@x.example",
        "DELIVERY FAILURE: User kim not listed",
        (
            "------- Failure Reasons  --------\n"
            "\n"
            "User not listed in public Name & Address Book\n"
            "lea@visitor.example\n"
            "\n"
            "------- Returned Message --------\n"
            "\n"
            "Received: x\n"
        ),
    ),
    "Exchange 2003": (
        "System Administrator <postmaster@reporter.example>",
        "Undeliverable: hello",
        (
            "Your message\n"
            "\n"
            "  To:      lea@visitor.example\n"
            "  Subject: hello\n"
            "  Sent:    Mon, 23 Nov 2026\n"
            "\n"
            "did not reach the following recipient(s):\n"
            "\n"
            "lea@visitor.example on Mon, 23 Nov 2026 08:00:00 +0100\n"
            "    The recipient name is not recognized\n"
        ),
    ),
    "Exchange, German": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Unzustellbar: hello",
        (
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:\n"
            "\n"
            "lea@visitor.example<mailto:lea@visitor.example>\n"
            "Die E-Mail-Adresse konnte nicht gefunden werden.\n"
            "\n"
            "Diagnoseinformationen für Administratoren:\n"
            "\n"
            "Generierender Server: mx.example\n"
            "\n"
            "lea@visitor.example\n"
            "Remote Server returned '550 5.1.10'\n"
        ),
    ),
    "Exchange, French": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Non remis : hello",
        (
            "Échec de la remise à ces destinataires ou groupes :\n"
            "\n"
            "lea@visitor.example\n"
            "L'adresse de courrier que vous avez entrée est introuvable.\n"
        ),
    ),
    "Exchange, Spanish": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "No se puede entregar: hello",
        ("Error en la entrega a estos destinatarios o grupos:\n\nlea@visitor.example\nNo se encontró la dirección.\n"),
    ),
    "Exchange, Italian": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Non recapitabile: hello",
        ("Recapito non riuscito per i seguenti destinatari o gruppi:\n\nlea@visitor.example\nIndirizzo non trovato.\n"),
    ),
    "Exchange, Dutch": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Onbestelbaar: hello",
        ("Kan geen bericht bezorgen bij de volgende geadresseerden of groepen:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Portuguese": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Não é possível entregar: hello",
        ("Falha na entrega para estes destinatários ou grupos:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Polish": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Niedostarczalne: hello",
        ("Dostarczenie wiadomości do następujących adresatów lub grup nie powiodło się:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Swedish": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Det går inte att leverera: hello",
        ("Det gick inte att leverera till följande mottagare eller grupper:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Danish": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Kan ikke leveres: hello",
        ("Levering mislykkedes til disse modtagere eller grupper:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Finnish": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Toimittaminen epäonnistui: hello",
        ("Toimitus epäonnistui seuraaville vastaanottajille tai ryhmille:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Czech": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Nedoručitelné: hello",
        ("Doručení těmto příjemcům nebo skupinám se nezdařilo:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Hungarian": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Kézbesíthetetlen: hello",
        ("Nem sikerült a kézbesítés a következő címzetteknek vagy csoportoknak:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Turkish": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Teslim edilemedi: hello",
        ("Şu alıcılara veya gruplara teslim edilemedi:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Russian": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Не удается доставить: hello",
        ("Сбой доставки следующим получателям или группам:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Japanese": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "配信不能: hello",
        ("次の受信者またはグループへの配信に失敗しました:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Chinese": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "无法送达: hello",
        ("向这些收件人或组传递消息失败:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Korean": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "배달되지 않음: hello",
        ("다음 받는 사람 또는 그룹에게 배달하지 못했습니다.\n\nlea@visitor.example\n"),
    ),
    "Exchange, Greek": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "Δεν παραδόθηκε: hello",
        ("Η παράδοση στους παρακάτω παραλήπτες απέτυχε:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Hebrew": (
        "Microsoft Outlook <postmaster@reporter.example>",
        "לא ניתן למסירה: hello",
        ("המסירה נכשלה לנמענים הבאים:\n\nlea@visitor.example\n"),
    ),
    "a Japanese mobile network": (
        "Mail Delivery Subsystem <postmaster@docomo.example>",
        "User unknown",
        ("Unknown address error 550-'Unknown user lea@visitor.example'\n"),
    ),
    "Yahoo": (
        "MAILER-DAEMON@yahoo.com",
        "Failure Notice",
        (
            "Sorry, we were unable to deliver your message to the following address.\n"
            "\n"
            "<lea@visitor.example>:\n"
            "Remote host said: 550 5.1.1 No [RCPT_TO]\n"
            "\n"
            "--- Below this line is a copy of the message.\n"
        ),
    ),
    "a Chinese provider": (
        "PostMaster <PostMaster@qq.com>",
        "系统退信",
        (
            "抱歉，您的邮件被退回来了……\n"
            "原邮件信息：\n"
            "时间 2026-11-23\n"
            "主题 hello\n"
            "收件人 lea@visitor.example\n"
            "退信原因： 收件人邮件地址（lea@visitor.example）不存在\n"
        ),
    ),
    "another Chinese provider": (
        "Postmaster@163.com",
        "系统退信",
        ("系统退信/Systems bounce\n\n抱歉，您的邮件被退回来了……\n\n收件人：lea@visitor.example\n"),
    ),
    "MailMarshal": (
        "<>",
        "Undeliverable Mail: hello",
        (
            "Your message:\n"
            "   From:    info@pymalta.example\n"
            "   Subject: hello\n"
            "\n"
            "Could not be delivered because of\n"
            "\n"
            "550 5.1.1 unknown\n"
            "\n"
            "The following recipients were affected:\n"
            "   lea@visitor.example\n"
        ),
    ),
    "a German provider": (
        "Postmaster <postmaster@t-online.example>",
        "Undelivered mail: User unknown",
        (
            "|------------------------- Message log follows: -------------------------|\n"
            " no valid recipients were found for this message\n"
            "|------------------------- Failed addresses follow: ---------------------|\n"
            " <lea@visitor.example> ... unknown user\n"
            "|------------------------- Message text follows: ------------------------|\n"
            "Received: x\n"
        ),
    ),
    "Kerio": (
        "postmaster@reporter.example",
        "Undelivered Mail Returned to Sender",
        ("Your message could not be delivered to some recipients\n\n<lea@visitor.example> (User unknown)\n"),
    ),
    "hMailServer": (
        "mailer-daemon@mx.example",
        "Message undeliverable: hello",
        (
            "Your message did not reach some or all of the intended recipients.\n"
            "\n"
            "   Sent: Mon\n"
            "   Subject: hello\n"
            "\n"
            "The following recipient(s) could not be reached:\n"
            "\n"
            "lea@visitor.example\n"
            "   Error Type: SMTP\n"
            "   Remote server (192.0.2.1) issued an error.\n"
            "   hMailServer sent: RCPT TO:<lea@visitor.example>\n"
            "   Remote server replied: 550 no\n"
        ),
    ),
    "SmarterMail": (
        "System Administrator <System.Administrator@mx.example>",
        "Delivery Failure",
        (
            "Could not deliver message to the following recipient(s):\n"
            "\n"
            "Failed Recipient: lea@visitor.example\n"
            "Reason: Remote host said: 550 5.1.1\n"
            "\n"
            "   -- The header and top 20 lines of the message follows --\n"
            "\n"
            "Received: x\n"
        ),
    ),
    "CommuniGate": (
        "MAILER-DAEMON@mx.example",
        "Undeliverable mail: hello",
        ("Failed to deliver to 'lea@visitor.example'\nSMTP module(domain reporter.example) reports:\n host mx says:\n 550 5.1.1\n"),
    ),
    "SurgeMail": (
        "<>",
        "Email Delivery Failure",
        ("Failed to send to identified recipients follow:\n<lea@visitor.example>\nThis message is delivered by surgemail\n"),
    ),
    "Exchange Online, without structure": (
        "Microsoft Outlook <MicrosoftExchange0123456789abcdef0123456789abcdef@visitor.example>",
        "Undeliverable: hello",
        ("Your message to lea@visitor.example couldn't be delivered.\n\nNobody of that name is at visitor.example.\n"),
    ),
    "Exchange, Slovak": (
        "postmaster@visitor.example",
        "Nedoručiteľné: x",
        ("Doručenie týmto príjemcom alebo skupinám zlyhalo:\n\nlea@visitor.example\n"),
    ),
    "Exchange, Lithuanian": (
        "postmaster@visitor.example",
        "Nepristatyta: x",
        ("Nepavyko pristatyti šiems gavėjams:\n\nlea@visitor.example\n"),
    ),
    "a gateway that writes Maltese": (
        "postmaster@visitor.example",
        "Ittra lura",
        ("Ittra tiegħek ma setax jitwassal lil lea@visitor.example.\n"),
    ),
    "a language nobody here speaks": (
        "Postmaster <postmaster@visitor.example>",
        "Bréf til baka",
        ("Bréfið komst ekki til skila:\n\n  lea@visitor.example\n\nKveðja\n"),
    ),
    "Chinese words beside the address": (
        "Postmaster@visitor.example",
        "系统退信",
        ("您的邮件无法投递到lea@visitor.example，用户不存在。\n"),
    ),
    "MMDF": (
        "MMDF Mail System <mmdf@x.example>",
        "Failed mail (msg.a1)",
        ("Your message could not be delivered to\n'lea@visitor.example (host: x) (queue: smtp)' for the following reason: unknown user\n"),
    ),
    "a gateway by its name": (
        "Example Mail Gateway <gw7@x.example>",
        "Returned: hello",
        ("Your mail was not delivered.\n\nlea@visitor.example\n"),
    ),
    "an address broken over two lines": (
        "MAILER-DAEMON@x.example",
        "Undeliverable mail",
        ("The address <lea\n   @visitor.example> is not known here.\n"),
    ),
    "the system's own address beside it": (
        "MAILER-DAEMON@x.example",
        "Undeliverable mail",
        (
            "Your mail to lea@visitor.example was refused, the mailbox is full. Write to it-desk@x.example with questions.\n\n"
            "--- the original message ---\n\nMessage-ID: <a@pymalta.example>\nTo: Lea <lea@visitor.example>\n"
        ),
    ),
    "VPOP3": (
        "Postmaster <postmaster@x.example>",
        "Mail delivery failed",
        ("The following mail could not be delivered to lea@visitor.example\n\nReason: 550\n"),
    ),
}


@pytest.mark.parametrize("head", ["Return-Path: <>\n", ""], ids=["a null sender", "no envelope"])
@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_the_notice_names_whom(notice: tuple[str, str, str], head: str) -> None:
    """It is a delivery report about this one address, also where the receiving server recorded no envelope."""
    message = read(*notice, head=head)
    assert message.sort is Sort.BOUNCE
    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == ["lea@visitor.example"]


AWAY = {
    "Spanish": "No puedo leer mi correo esta semana. No puede contactarme por teléfono.",
    "Polish": "Jestem na urlopie. Nie można się ze mną skontaktować.",
    "Portuguese": "Estou de férias e não é possível responder.",
    "Czech": "Jsem na dovolené, neodpovídám.",
    "Japanese": "休暇中のため、返信できません。",
    "Chinese": "我正在休假，无法回复邮件。",
    "Korean": "휴가 중이라 답장하지 못합니다.",
}


@pytest.mark.parametrize("text", AWAY.values(), ids=AWAY)
def test_somebody_away_is_no_failure(text: str) -> None:
    """An autoreply has a null sender too; that its writer cannot do something is not that nothing could be delivered."""
    message = read("lea@visitor.example", "Re: x", text, head="Return-Path: <>\n")
    assert (message.sort, message.bounce) == (Sort.AUTOMATIC, None)


COLLEAGUES = {
    "nobody reaches her": "I am on leave and cannot be reached.",
    "she returns": "I will be returning messages on Monday.",
    "a telephone number": "I am away. Call the office:\n555-123-4567",
    "a house number": "I am away.\n\nLea Borg\n500 Main Street",
    "a shop": "Many orders: there is a delivery delay. We answer in three days.\nshop@visitor.example",
    "a colleague": "Your mail was not delivered to anybody else. Please write to\nana@visitor.example",
    "the same in German": "Ihre Nachricht wird nicht zugestellt. Bitte wenden Sie sich an\nana@visitor.example",
}


@pytest.mark.parametrize("answers", ["In-Reply-To: <a@pymalta.example>\n", ""], ids=["says what it answers", "does not"])
@pytest.mark.parametrize("text", COLLEAGUES.values(), ids=COLLEAGUES)
def test_the_words_of_a_vacation_notice_are_no_report(text: str, answers: str) -> None:
    """Under a null sender whole sentences of a report occur in somebody's notice: staff must not be told that a letter was lost."""
    message = read("Lea <lea@visitor.example>", "Re: x", text, head=f"Return-Path: <>\n{answers}")
    assert (message.sort, message.bounce) == (Sort.AUTOMATIC, None)


REPORTERS = {
    "it names somebody of another house": "Could not be delivered to: <lea@visitor.example>",
    "it returns the mail": "It could not be delivered.\n\n--- original message ---\nMessage-ID: <a@pymalta.example>\nTo: lea@visitor.example\n",
}


@pytest.mark.parametrize("text", REPORTERS.values(), ids=REPORTERS)
def test_a_report_under_any_name(text: str) -> None:
    """Under a null sender it takes no name of a mail system where a stranger is named or the mail returned."""
    message = read("Delivery <hello@relay.example>", "Your mail", text, head="Return-Path: <>\n")
    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == ["lea@visitor.example"]


SYSTEMS = (
    "=?utf-8?B?TWFpbCBEZWxpdmVyeSBTeXN0ZW0=?= <x@mx.example>",
    "Mail Delivery Agent <x@mx.example>",
    "Internet Mail Service <x@mx.example>",
    "Mail Transport System <mts@mx.example>",
    "The Postmaster <pm@mx.example>",
    "Mail-Administrator <x@mx.example>",
    "Microsoft Exchange <x@mx.example>",
    "postmaster-noreply@mx.example",
    "postmaster+x@mx.example",
    "mailserver@mx.example",
    "delivery-status@mx.example",
    "dsn@mx.example",
)


@pytest.mark.parametrize("author", SYSTEMS)
def test_names_of_mail_systems(author: str) -> None:
    """Names and local parts that no person has, also where the name is encoded and no envelope was recorded."""
    assert read(author, "Undeliverable: hello", "No mailbox here by that name:\n\n  lea@visitor.example\n").sort is Sort.BOUNCE


def test_an_address_nobody_reads_reports() -> None:
    """It takes the returned mail besides the words: shops write from such addresses too, and speak of deliveries."""
    words = "Your parcel could not be delivered to lea@visitor.example."
    returned = "\n\n--- original message ---\n\nMessage-ID: <a@pymalta.example>\nTo: lea@visitor.example\n"
    assert read("bounce-7@mx.example", "Undelivered", words + returned).sort is Sort.BOUNCE
    assert read("no-reply@shop.example", "Undelivered", words).sort is Sort.AUTOMATIC


DELAYS = {
    "German": ("Zustellung verzögert", True),
    "French": ("La remise de votre message est retardée.", True),
    "Japanese": ("メッセージの配信が遅延しています。", True),
    "Russian": ("Доставка сообщения задерживается.", True),
    "a promise to tell": ("There was a temporary problem. Gmail will retry. You will be told if it fails permanently.", True),
    "a warning of what may be": ("Warning: still undelivered after 4 hours. Will keep trying until it is returned mail.", True),
    "given up": ("451 temporarily rejected; giving up after 5 days", False),
    "returned after a delay": ("After days of delayed attempts your mail is returned.", False),
    "a code for good": ("550 temporarily disabled", False),
}


@pytest.mark.parametrize(("words", "delayed"), DELAYS.values(), ids=DELAYS)
def test_for_now_or_for_good(words: str, delayed: bool) -> None:
    """What speaks of a delay is one, unless it says that it is over: in doubt the letter counts as lost."""
    message = read("postmaster@mx.example", "Delivery", f"{words}\n\nlea@visitor.example\n")
    assert message.bounce is not None
    assert [one.permanent for one in message.bounce.recipients] == [not delayed]


def test_an_identifier_is_no_address() -> None:
    """A Message-ID that the notice names looks like an address."""
    message = read(
        "MAILER-DAEMON@mx.example", "Mail failure", "Message-Id <7.a@pymalta.example> for lea@visitor.example was undeliverable."
    )
    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == ["lea@visitor.example"]


def test_certified_mail() -> None:
    """Italy's certified mail says in a header of its own what it writes to senders: a failure, or a receipt."""
    text = 'Avviso di mancata consegna\n\ndestinato all\'utente "lea@visitor.example": indirizzo non valido\n'
    message = read("posta-certificata@x.example", "Avviso", text, head="X-Ricevuta: errore-consegna\n")
    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == ["lea@visitor.example"]
    receipt = read("posta-certificata@x.example", "Consegna", "Il messaggio è stato consegnato.", head="X-Ricevuta: avvenuta-consegna\n")
    assert (receipt.sort, receipt.bounce) == (Sort.AUTOMATIC, None)


def test_a_name_that_is_another_address() -> None:
    """The one in angle brackets counts."""
    message = read("MAILER-DAEMON@x.example", "Mail failure", "Undeliverable:\n\n  lea@home.example <lea@visitor.example>: no such user\n")
    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == ["lea@visitor.example"]


def test_a_mail_to_oneself() -> None:
    """Our own address is named in many reports; where it has a line to itself and no other is named, it is the one."""
    failed = "The following address(es) failed:\n\ninfo@pymalta.example:\nSMTP error: 550\n"
    message = read("MAILER-DAEMON@x.example", "Mail delivery failed", failed)
    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == ["info@pymalta.example"]


PEOPLE = {
    "a fan": "mailer-daemon-fan@visitor.example",
    "the same in one word": "mailerdaemonfan@visitor.example",
    "a local part that ends so": "Ana <my.mailer-daemon@visitor.example>",
    "a firm that delivers": "Mail Delivery Ltd <ana@mdl.example>",
    "somebody who works there": "Ana from Mail Delivery Co <ana@maildelivery.example>",
    "a surname": "Joe Postmaster <joe@visitor.example>",
    "a double one": "Ana Postmaster-Vella <ana@visitor.example>",
    "a café": "PostOffice Cafe <hello@postoffice-cafe.example>",
    "a carpenter's tool": "wood_router@carpenter.example",
    "a business with mail in its name": "Valletta Mail Service <ana@vms.example>",
    "who sees to the deliveries": "Delivery <delivery@firm.example>",
    "somebody whose name begins with mail": "maile.server@visitor.example",
    "an administrator": "Joe Xuereb <system.administrator@small-firm.example>",
}


@pytest.mark.parametrize("author", PEOPLE.values(), ids=PEOPLE)
def test_an_address_that_resembles_a_machine(author: str) -> None:
    """Somebody who tells that a mail of theirs came back is a person, and is answered."""
    message = read(author, "Undelivered: my complaint", "My mail could not be delivered: 550 user unknown. A man followed me.")
    assert (message.sort, message.bounce, message.answerable) == (Sort.HUMAN, None, True)


def test_a_line_with_an_address_is_not_enough_of_a_name() -> None:
    """Somebody whose name is that of a post signs with an address below her words: without a word of failure she is a person."""
    message = read("Mail Administrator <ana@small-firm.example>", "At the workshop", "A man followed me.\n\nAna\nana.borg@home.example\n")
    assert (message.sort, message.answerable) == (Sort.HUMAN, True)


def test_a_postmaster_who_answers() -> None:
    """A reply under a sender's envelope is no delivery report: the letter of ours that it answers has arrived."""
    head = "Return-Path: <postmaster@small-firm.example>\nIn-Reply-To: <abc@pymalta.example>\n"
    message = read("Ana Borg <postmaster@small-firm.example>", "Re: Your report", "My first mail could not be delivered.", head=head)
    assert message.bounce is None


NOT_OURS = {
    "our mailbox on a line of its own": "Message from:\ninfo@pymalta.example\nto:\nlea@visitor.example\nfailed: user unknown\n",
    "our address for replies": "info+b.abcdefghijklmnopqrstuvwxyz@pymalta.example\n\nlea@visitor.example: 550 user unknown\n",
    "somebody in our quoted letter": "Could not deliver to <lea@visitor.example>.\n\n> From: info@pymalta.example\n> carmel@bad.example hurt me\n",
}


@pytest.mark.parametrize("text", NOT_OURS.values(), ids=NOT_OURS)
def test_neither_we_nor_the_letter_failed(text: str) -> None:
    """A report that came to the address of one letter names our mailbox too, and may quote the letter."""
    to = "info+b.abcdefghijklmnopqrstuvwxyz@pymalta.example"
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: Undelivered\n\n{text}"
    bounce = parse(raw.encode(), own=OWN).bounce
    assert bounce is not None
    assert [one.address for one in bounce.recipients] == ["lea@visitor.example"]

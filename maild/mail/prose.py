"""Delivery reports in words: what qmail, Exim, Exchange, Domino, X.400 gateways and their like write for people to read."""

import re
from collections.abc import Iterator

from maild.mail.message import FailedRecipient

NOTICE_LINES = 300
"""Lines of a report that are read: the notice stands at its beginning."""
_LINE_LENGTH = 400
_TEXT_LIMIT = 64_000
_NEVER = r"\s<>()\[\],;:\"\\@|/=“”\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_LABEL = r"[A-Za-z0-9\u00c0-\u052f-]{1,63}"
_ADDRESS = re.compile(rf"(?:\"[^\"\s@]{{1,64}}\"|[^{_NEVER}'][^{_NEVER}]{{0,63}})@{_LABEL}(?:\.{_LABEL}){{0,9}}")
"""In prose. Chinese, Japanese and Korean words stand right beside an address: what is written in their letters is none, here."""
_FIELD_ADDRESS = re.compile(r"(?:\"[^\"@]{1,64}\"|[^\s<>()\[\],;:\"\\@]{1,64})@(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}|\[[\w.:]{1,60}\])")
"""Where a field holds nothing else: all that RFC 5321, 6531 and address literals allow."""
_FIELD_FORMS = re.compile(r"(?:(?:smtp|mailto):)?\s?(.{1,400}?)\s{0,9}(?:\(|$)", re.IGNORECASE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_RETURNED_HEADERS = ("received:", "return-path:", "message-id:", "x-received:", "dkim-signature:", "arc-seal:")
_RETURNED_WORDS = ("original", "returned", "unsent", "copy of", "source mail", "message header", "header of", "message text")
_RETURNED_ENDS = (":", "-", "=", "follow", "follows", "follow.", "follows.", "following.")
_EMBEDDED = re.compile(r"^(?:final|original)-recipient:[^;\n]{0,20};\s{0,5}(.{1,400})$", re.IGNORECASE | re.MULTILINE)
_LEADS = re.compile(
    r"[\s>*-]*(?:in:\s{1,9})?"
    r"(?:(?:rcpt to|could not be delivered to|recipient(?: address)?|failed address|to|user|addressed to|mailbox|intended recipient)\s{0,3}:\s{0,3})?"
    r"(?:[2345]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3} )?)?<?(?P<address>"
    + _ADDRESS.pattern
    + ')(?:"?\\s{1,3}<(?P<behind>'
    + _ADDRESS.pattern
    + ")>)?",
    re.IGNORECASE,
)
"""An address that leads its line, or follows what usually introduces one, or an SMTP code. Where it is the name of another one behind it,
that one counts."""
_ALONE = re.compile(r"\s*<?[^\s<>@]{1,64}@[^\s<>@:]{1,255}>?:?\s*")
_NAMED_ID = re.compile(r"\bmessage[- ]?id\W{0,3}<[^<>\s]{1,300}>", re.IGNORECASE)
"""What looks like an address and is called an identifier."""
_BROKEN = re.compile(r"<([^\s<>]{1,64})\n[ \t]{0,8}([^\s<>]{1,255}>)")
"""An address in angle brackets over two lines."""
_SERVICE = re.compile(r"(?:postmaster|mailer-daemon|support|abuse|help|admin|noc|hostmaster|webmaster)@", re.IGNORECASE)
_FAILURE = re.compile(
    "|".join(
        (
            r"undeliver",
            r"not? ?-?deliver",
            r"deliver\w{0,9} (?:\w{1,20} ){0,4}(?:fail|error|problem|delay|warning|status|attempt)",
            r"deliver\w{0,9}\W{1,3}(?:\w{1,20} ){0,3}(?:report|notification|has failed)",
            r"(?:unable|impossible) to (?:\w{1,20} ){0,2}deliver",
            r"(?:could|can|was|were) ?n[o']?t (?:\w{1,20} ){0,3}(?:be )?(?:deliver|sent|reach|complete)",
            r"fail(?:ed|ure)\W{1,3}(?:\w{1,20} ){0,4}(?:deliver|notice|mail|recipient|address)",
            r"return(?:ed|ing) (?:mail|message|to sender)",
            r"(?:user|recipient|address|mailbox|host) (?:is )?(?:unknown|full|not found|rejected|disabled)",
            r"(?:unknown|no such) (?:user|recipient|mailbox|address|host)",
            r"mail (?:system )?error",
            r"(?:blocked|rejected|bounced) (?:by|because)",
            r"malformed (?:recipient )?address",
            r"not a valid user",
            r"(?:not|never) (?:reach|arriv|accepted)|(?:mailbox|mail box) (?:is )?(?:not available|unavailable)",
            # What Exchange and others write in the languages of their operators.
            r"unzustellbar|nicht (?:zugestellt|zustellbar|ausgeliefert)|nachrichtenzustellung|zustell(?:ung fehlgeschlagen|fehler)",
            r"non (?:remis|recensé)|échec de la remise|pas (?:pu être|été) (?:remis|délivré|distribué)",
            r"no (?:se )?pudo|no se (?:puede|ha podido) entregar|no (?:se )?entreg|error en la entrega|devuelto|fallo de entrega",
            r"non recapita[tb]|mancat[ao] (?:consegna|recapito)|(?:recapito|consegna) non riuscit",
            r"não (?:foi|pôde|entreg|é possível entregar)|falha na entrega|nu a putut fi livrat|nelivrabil|livrarea .{0,40}eșuat",
            r"onbestelbaar|kon niet worden|niet (?:worden )?(?:bezorgd|afgeleverd)|geen bericht bezorgen",
            r"kunde inte|inte levereras|gick inte att leverera|leverans\w{0,3} .{0,60}misslyck|(?:kan|kunne) ikke lever|levering .{0,20}mislyk",
            r"toimi\w{2,12} .{0,60}epäonnistui|ei (?:voi|voitu|voida) toimittaa|edastami\w{1,3} .{0,60}nurjus|edastamatu",
            r"nepavyko (?:pristatyti|įteikti)|nepristatyt|piegāde .{0,60}neizdevās|nepiegādāj|nevar piegādāt",
            r"niedostarczaln|nie (?:powiodło się|(?:można|udało się|zostało|została) (?:dostarcz|doręcz))",
            r"nedoručiteln|nelze doručit|doručení .{0,40}nezdařil|nepoda\w{2,4} .{0,20}doruči|doručenie .{0,60}zlyhalo",
            r"kézbesíthetetlen|nem (?:sikerült a )?kézbesít|teslim (?:edilemedi|başarısız)|iletilemedi",
            r"nije isporuč|neisporučiv|isporuka .{0,60}nije uspje",
            r"(?:ni|ni bilo) mogoče dostaviti|dostava .{0,60}ni uspela|no es pot lliurar|fallat el lliurament|ma setax (?:jitwassal|jintbagħat)",
            r"не доставлен|недоставлен|не уда(?:ется|ётся|лось) доставить|сбой доставки",
            r"не вдалося доставити|недоставя|доставянето .{0,60}неуспешно|δεν παραδόθηκε|παράδοση .{0,60}απέτυχε",
            r"送信できません|配信できません|配信不能|配信(?:に|の)?失敗|配信されません|届きません",
            r"お届けできません|不達|届けられません|配達できません|エラー",
            r"배달되지|배달하지 못|(?:전송|발송) ?실패|(?:전송|발송)하지 못|반송",
            r"无法(?:投递|送达|传递)|無法(?:傳遞|送達|投遞)|未(?:能)?送达|未(?:能)?送達|(?:传递|投递|发送|傳遞|傳送|投遞).{0,20}(?:失败|失敗)|退信|被退回",
            r"לא ניתן למסירה|המסירה נכשלה|تعذر (?:ال)?تسليم|فشل (?:ال)?تسليم",
            r"không gửi được|gửi .{0,60}không thành công|ส่งไม่ได้|ล้มเหลว|pengiriman gagal|tidak terkirim|gagal (?:ter)?kirim",
        )
    ),
    re.IGNORECASE,
)
_CODE = re.compile(r"^[\s<>]{0,9}[45]\d\d[ -]", re.MULTILINE)
_BEGINNING = 4_000
"""Characters in which a report says that it is one."""
_RETRIED = re.compile(
    r"still being retried|will be retried|will (?:keep|retry)|keep trying|attempts will continue|not need to re-?send|warning (?:message )?only"
    r"|not yet been delivered|\(delay\)|delayed mail",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"permanent|giv(?:e|ing|en) (?:\w{1,9} )?up|(?:is|was|been|being) returned|returned (?:mail|message|to sender)|not be retried|\b5\.\d\.\d|\b5[0-7]\d[ -]",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delay|warning|temporar|verzöger|retardé|retrasa|ritardo|atrasad|vertraagd|forsinke|försenad|viivästy|opóźnion|zpožděn|gecikti"
    r"|задерж|затрим|遅延|延迟|延遲|지연",
    re.IGNORECASE,
)
_DELAY_LINES = 20


def tells_delay(subject: str, notice: str) -> bool:
    """Is it still being tried? In doubt it is not: staff had better hear of a letter that arrives after all than not hear of a lost one."""
    beginning = "\n".join([subject, *(line[:_LINE_LENGTH] for line in notice.split("\n")[:_DELAY_LINES])])
    return bool(_RETRIED.search(beginning) or (_DELAY.search(beginning) and not _FINAL.search(beginning)))


def singles_out(text: str, *, own: frozenset[str]) -> bool:
    """Does a line at the beginning hold an address that is not one of `own`, and nothing else? So do mail systems in every language."""
    lines = text[:_BEGINNING].split("\n")
    return bool(_foreign([address for line in lines if _ALONE.fullmatch(line[:_LINE_LENGTH]) for address in addresses(line)], own))


def returns_mail(text: str) -> bool:
    """Does another mail stand below these words?"""
    return bool(split(text[:_TEXT_LIMIT])[1].strip())


def led(text: str, *, own: frozenset[str]) -> list[str]:
    """The addresses that begin lines, but for `own` and those of service desks."""
    found = [line[:_LINE_LENGTH] for line in text[:_TEXT_LIMIT].split("\n")[:NOTICE_LINES]]
    return _foreign([lead["address"] for line in found if (lead := _LEADS.match(line))], own)


def tells_failure(text: str) -> bool:
    """Do these words say that something could not be delivered? An SMTP code says it in every language."""
    beginning = text[:_BEGINNING]
    return bool(_FAILURE.search(beginning) or _CODE.search(beginning))


def addresses(text: str) -> list[str]:
    """Every address in `text`, in order."""
    return [found.rstrip(".") for found in _ADDRESS.findall(text[:8000])]


def address_in(value: str) -> str:
    """The address in the value of a field, also where a name, a comment, quotes or a scheme surround it; empty where there is none."""
    inner = value.rpartition("<")[2].partition(">")[0].strip()
    found = _FIELD_FORMS.match(inner[:_LINE_LENGTH])
    bare = found[1] if found else ""
    quoted = bare[:1] in ("'", '"') and bare[:1] == bare[-1:]
    bare = bare[1:-1] if quoted else bare
    return bare if _FIELD_ADDRESS.fullmatch(bare) else next(iter(addresses(value)), "")


def failed(address: str, *, permanent: bool = True, status: str = "") -> FailedRecipient:
    """A recipient of a report that does not follow RFC 3464."""
    return FailedRecipient(address=address, action="failed" if permanent else "delayed", status=status, permanent=permanent)


def status_in(text: str) -> str:
    """The first enhanced status code in `text` (RFC 3463), or nothing."""
    found = _STATUS.search(text)
    return found[1] if found else ""


def split(text: str) -> tuple[str, str]:
    """What the mail system wrote, and what it returned below."""
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines[1:NOTICE_LINES], 1) if _opens_returned(line)), NOTICE_LINES)
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def _opens_returned(line: str) -> bool:
    """Does the returned mail begin here? With its headers, or with words about it between dashes or at the end of a sentence."""
    lowered = line[:_LINE_LENGTH].lower().rstrip()
    if lowered.startswith(_RETURNED_HEADERS):
        return True
    return any(word in lowered for word in _RETURNED_WORDS) and (lowered.startswith(("---", "===")) or lowered.endswith(_RETURNED_ENDS))


def recipients(
    text: str, notice: str, *, own: frozenset[str], written_to: frozenset[str] = frozenset(), permanent: bool = True
) -> Iterator[FailedRecipient]:
    """The addresses that were not reached: those that fields of RFC 3464 name somewhere in the text, else those that lead a line
    of the notice, else all it mentions but `own` and those of service desks (only those the returned mail was `written_to`, where it is
    among them), else `own` where it has a line to itself: a mail to oneself.
    What stands behind quote marks counts where nothing else names anybody: it may be the words of the letter that came back."""
    lines = [line[:_LINE_LENGTH] for line in _BROKEN.sub(r"<\1\2", _NAMED_ID.sub("", notice)).split("\n")]
    told = [line for line in lines if not line.startswith("> ")]
    led = [found["behind"] or found["address"] for line in lines if (found := _LEADS.match(line))]
    alone = [address for line in lines if _ALONE.fullmatch(line) for address in addresses(line)]
    named = [address for line in _EMBEDDED.findall(text[:_TEXT_LIMIT]) for address in addresses(line)]
    mentioned = [address for line in lines for address in addresses(line)]
    unquoted = [address for line in told for address in addresses(line)]
    led = [address for address in led if address in unquoted] or ([] if _foreign(unquoted, own) else led)
    choices = (named, _foreign(led, own), *_among(_foreign(unquoted, own), written_to), _foreign(mentioned, own), alone)
    chosen: list[str] = next((choice for choice in choices if choice), [])
    for address in {address.lower(): address for address in chosen}.values():
        yield failed(address, permanent=permanent, status=_status_beside(address, lines))


def _among(found: list[str], written_to: frozenset[str]) -> tuple[list[str], list[str]]:
    return [address for address in found if address.lower() in written_to], found


def _foreign(found: list[str], own: frozenset[str]) -> list[str]:
    return [address for address in found if address.lower() not in own and not _SERVICE.match(address)]


def _status_beside(address: str, lines: list[str]) -> str:
    return next((code for line in lines if address in line and (code := status_in(line))), "")

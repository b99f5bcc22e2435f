"""Delivery reports in words: what qmail, Exim, Exchange, Domino, X.400 gateways and their like write for people to read."""

import re
from collections.abc import Iterator

from maild.mail.message import FailedRecipient

NOTICE_LINES = 300
"""Lines of a report that are read: the notice stands at its beginning."""
_LINE_LENGTH = 400
_TEXT_LIMIT = 64_000
_ADDRESS = re.compile(
    r"(?:\"[^\"\s@]{1,64}\"|[^\s<>()\[\],;:\"'\\@|/=：（），；。、“”「」【】《》]{1,64})@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,9}"
)
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
            # What Exchange and others write in the languages of their operators.
            r"unzustellbar|nicht (?:zugestellt|zustellbar)|nachrichtenzustellung|zustellung fehlgeschlagen",
            r"non (?:remis|recensé)|échec de la remise|pas (?:pu être|été) (?:remis|délivré|distribué)",
            r"no (?:se )?pudo|no se (?:puede|ha podido) entregar|no (?:se )?entreg|error en la entrega|devuelto|fallo de entrega",
            r"non recapita[tb]|mancat[ao] (?:consegna|recapito)|(?:recapito|consegna) non riuscit",
            r"não (?:foi|pôde|entreg|é possível entregar)|falha na entrega|nu a putut fi livrat|nelivrabil|livrarea .{0,40}eșuat",
            r"onbestelbaar|kon niet worden|niet (?:worden )?(?:bezorgd|afgeleverd)|geen bericht bezorgen",
            r"kunde inte|gick inte att leverera|(?:kan|kunne) ikke lever|levering .{0,20}mislyk|toimi\w{2,12} epäonnistui|ei voitu toimittaa",
            r"niedostarczaln|nie (?:powiodło się|(?:można|udało się|zostało|została) (?:dostarcz|doręcz))",
            r"nedoručiteln|nelze doručit|doručení .{0,40}nezdařil|nepoda\w{2,4} .{0,20}doruči",
            r"kézbesíthetetlen|nem (?:sikerült a )?kézbesít|teslim edilemedi|iletilemedi|nije isporučen|ni bilo mogoče dostaviti",
            r"не доставлен|недоставлен|не уда(?:ется|ётся|лось) доставить|сбой доставки|не вдалося доставити|δεν παραδόθηκε|παράδοση .{0,60}απέτυχε",
            r"送信できません|配信できません|配信不能|配信に失敗|届けられません|配達できません|エラー|배달되지|배달하지 못|전송 실패|반송",
            r"无法(?:投递|送达|传递)|無法(?:傳遞|送達|投遞)|传递.{0,4}失败|傳遞.{0,4}失敗|退信|被退回|傳送失敗",
            r"לא ניתן למסירה|המסירה נכשלה|تعذر (?:ال)?تسليم|فشل (?:ال)?تسليم|không gửi được|tidak terkirim|gagal (?:ter)?kirim",
        )
    ),
    re.IGNORECASE,
)
_CODE = re.compile(r"^[\s<>]{0,9}[45]\d\d[ -]", re.MULTILINE)
_BEGINNING = 4_000
"""Characters in which a report says that it is one."""
_DELAY = re.compile(
    r"delay|warning|temporar|still being retried|will be retried|attempts will continue|not need to re-?send", re.IGNORECASE
)


def tells_failure(text: str) -> bool:
    """Do these words say that something could not be delivered? An SMTP code says it in every language."""
    beginning = text[:_BEGINNING]
    return bool(_FAILURE.search(beginning) or _CODE.search(beginning))


def addresses(text: str) -> list[str]:
    """Every address in `text`, in order."""
    return [found.rstrip(".") for found in _ADDRESS.findall(text[:8000])]


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


def recipients(text: str, notice: str, *, own: frozenset[str]) -> Iterator[FailedRecipient]:
    """The addresses that were not reached: those that fields of RFC 3464 name somewhere in the text, else those that lead a line
    of the notice, else all it mentions but `own` and those of service desks, else `own` where it has a line to itself: a mail to oneself.
    What stands behind quote marks counts where nothing else names anybody: it may be the words of the letter that came back."""
    lines = [line[:_LINE_LENGTH] for line in notice.split("\n")]
    told = [line for line in lines if not line.startswith("> ")]
    led = [found["behind"] or found["address"] for line in lines if (found := _LEADS.match(line))]
    alone = [address for line in lines if _ALONE.fullmatch(line) for address in addresses(line)]
    named = [address for line in _EMBEDDED.findall(text[:_TEXT_LIMIT]) for address in addresses(line)]
    mentioned = [address for line in lines for address in addresses(line)]
    unquoted = [address for line in told for address in addresses(line)]
    led = [address for address in led if address in unquoted] or ([] if _foreign(unquoted, own) else led)
    choices = (named, _foreign(led, own), _foreign(unquoted, own), _foreign(mentioned, own), alone)
    chosen: list[str] = next((choice for choice in choices if choice), [])
    permanent = not _DELAY.search("\n".join(lines[:20]))
    for address in {address.lower(): address for address in chosen}.values():
        yield failed(address, permanent=permanent, status=_status_beside(address, lines))


def _foreign(found: list[str], own: frozenset[str]) -> list[str]:
    return [address for address in found if address.lower() not in own and not _SERVICE.match(address)]


def _status_beside(address: str, lines: list[str]) -> str:
    return next((code for line in lines if address in line and (code := status_in(line))), "")

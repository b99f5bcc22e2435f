"""What crosses the pipe between the daemon and the reader child: `Own` once, then for each mail a header line and the raw bytes one
way, and a line with the `Message` the other way.

Values of a message stand in the order of its fields, without names: both ends are the same program, and half the line is saved.
"""

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from maild.errors import Unreadable
from maild.mail.authenticity import Form
from maild.mail.identity import Own
from maild.mail.message import Address, Attachment, Bounce, FailedRecipient, Message, Sort, Verdict

_NAMES = tuple(field.name for field in fields(Message))


def pack(message: Message) -> bytes:
    """A message as one line of ASCII."""
    return _line([getattr(message, name) for name in _NAMES])


def unpack(line: bytes) -> Message:
    """The message that `pack` packed. Raises `Unreadable` where the line is a refusal, or anything else."""
    try:
        answer = json.loads(line)
        told = answer if isinstance(answer, str) else _message(answer)
    except (ValueError, TypeError, KeyError):
        told = "it said nonsense"
    if isinstance(told, Message):
        return told
    raise Unreadable(f"The reader child cannot read the message ({told}).")


def _message(answer: list[Any]) -> Message:
    told: dict[str, Any] = dict(zip(_NAMES, answer, strict=True))
    told = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    for name in ("reply_to", "to", "cc"):
        told[name] = tuple(_address(value) for value in told[name])
    told["sender"] = _address(told["sender"]) if told["sender"] else None
    told["attachments"] = tuple(Attachment(name=name, type=kind, size=size) for name, kind, size in told["attachments"])
    told["sort"] = Sort(told["sort"])
    told["bounce"] = _bounce(told["bounce"]) if told["bounce"] else None
    told["verdicts"] = tuple(_verdict(value) for value in told["verdicts"])
    return Message(**told)


def ask(raw: bytes) -> bytes:
    """The header line of one mail."""
    return _line({"size": len(raw)})


def asked_size(line: bytes) -> int:
    """The bytes that follow a header line."""
    return int(json.loads(line)["size"])


def refusal(error: Exception) -> bytes:
    """The line for a mail that cannot be read. An error is told by its class: its words may be words of the mail."""
    return _line(type(error).__name__)


def pack_own(own: Own) -> bytes:
    """What the child is told first. It goes through the pipe and not by the command line, because it holds a key."""
    told = {field.name: getattr(own, field.name) for field in fields(own)}
    return _line(told | {"loop_key": own.loop_key.hex()})


def unpack_own(line: bytes) -> Own:
    """What `pack_own` packed."""
    told = json.loads(line)
    return Own(**told | {"loop_key": bytes.fromhex(told["loop_key"]), "authserv_form": Form(told["authserv_form"])})


def _line(value: object) -> bytes:
    return json.dumps(value, default=_plain, separators=(",", ":")).encode("ascii") + b"\n"


def _plain(value: object) -> object:
    """The values of a dataclass in the order of its fields; the value of an enum."""
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    assert isinstance(value, Enum)
    return value.value


def _address(told: list[str]) -> Address:
    return Address(name=told[0], address=told[1])


def _bounce(told: Any) -> Bounce:
    recipients, original_ids = told
    failed = (FailedRecipient(address=to, action=action, status=status, permanent=gone) for to, action, status, gone in recipients)
    return Bounce(recipients=tuple(failed), original_ids=tuple(original_ids))


def _verdict(told: Any) -> Verdict:
    server, method, result, properties = told
    return Verdict(authserv_id=server, method=method, result=result, properties=tuple((name, value) for name, value in properties))

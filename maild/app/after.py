"""Whether the mail server does what `[imap] after` asks for."""

from maild.app.house import House


def refusal(house: House) -> str:
    """Why mails cannot be flagged or moved as configured; empty where they can. Makes the folder that they would be moved to.

    Raises what `Mailbox` raises.
    """
    imap = house.config.imap
    if imap.after == "keep":
        return ""
    house.mailbox.select(imap.folder)
    return house.mailbox.put_away([], folder=imap.done_folder if imap.after == "move" else None)

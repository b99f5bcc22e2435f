"""Mails to ourselves by a real Postfix and a real Dovecot, in the shapes that mail hosts have."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.app import Clock, House
from maild.app.check.trip import Trip
from maild.config import load_config
from maild.transport.imap import ImapMailbox
from maild.transport.smtp import SmtpCourier
from maild.transport.survey import ImapSurvey
from tests.check.conftest import AUTHSERV
from tests.servers.dovecot import DOMAIN
from tests.servers.scripted_smtp import ScriptedSmtp

SHORT = 6.0
"""Seconds of patience for mails that never arrive."""


def signed_as(verdict: str) -> dict[str, str]:
    """A Postfix that puts this Authentication-Results on every mail, and leaves those that came with it where they are."""
    return {"smtpd_sender_restrictions": f"check_sender_access regexp:{{{{/^/ PREPEND Authentication-Results: {verdict}}}}}"}


def checks(*rules: str) -> dict[str, str]:
    """A Postfix with these header checks."""
    return {"header_checks": f"regexp:{{{', '.join(f'{{{rule}}}' for rule in rules)}}}"}


def filed_into(folder: str) -> dict[str, str]:
    """A Postfix that sorts every mail into a folder, by a Dovecot that heeds plus-addresses."""
    return {"virtual_alias_maps": f"regexp:{{{{/^([0-9]+)@(.*)$$/ $$1+{folder}@$$2}}}}"}


@pytest.fixture
def sorting(run_dovecot):
    """A Dovecot that takes what stands behind the plus for a folder."""
    return run_dovecot("lmtp_save_to_detail_mailbox = yes")


def test_a_good_host(build):
    """Everything is there: the check says so, and which lines make use of it; set, they silence it."""
    rig = build(authserv_id=AUTHSERV, dmarc_pass=[DOMAIN])
    checked = rig.check(round_trip=True)
    assert checked.faults() == ""
    assert checked.settings == {"smtp.plus_addressing": True, "authentication.authserv_id": AUTHSERV}
    for words in (
        "arrived in INBOX",
        "Message-ID is kept",
        "special use",
        "IDLE",
        "MOVE",
        "$MaildDone",
        "removes or refuses a forged proof",
    ):
        assert words in checked.ok()
    assert "agrees with that of the IMAP server" in checked.ok("clock")
    assert rig.told == ["Waiting for mails to ourselves, 20 s at most."]
    rig.written = {"smtp": "plus_addressing = true", "authentication": f'authserv_id = "{AUTHSERV.upper()}"'}
    rig.configure()
    again = rig.check(round_trip=True)
    assert (again.faults(), again.notes(), again.settings) == ("", "", {})


def test_its_own_mails_are_marked_as_read_and_stay(build):
    """Nothing is removed from the server, and other people's mails are as they were."""
    rig = build()
    rig.account.deliver(b"From: kim@reporter.test\r\nSubject: Something happened\r\n\r\nHello\r\n")
    rig.check(round_trip=True)
    (_, others, theirs), *ours = [(uid, set(flags) - {b"\\Recent"}, raw) for uid, flags, raw in rig.account.messages()]
    assert (others, b"kim@reporter.test" in theirs) == (set(), True)
    assert [(flags, b"maild check" in raw) for _, flags, raw in ours] == [({b"\\Seen"}, True)] * 2


BARE = """
imap_capability = IMAP4rev1 AUTH=PLAIN
namespace inbox {
  mailbox Junk {
    special_use =
  }
}
"""


def test_a_host_of_few_abilities(build, run_dovecot):
    """Without IDLE, MOVE, UIDPLUS and SPECIAL-USE all is found out all the same, and what is missing is said."""
    checked = build(server=run_dovecot(BARE)).check(round_trip=True)
    assert "arrived in INBOX" in checked.ok()
    assert "no IDLE" in checked.notes("mail host")
    assert "neither MOVE nor UIDPLUS" in checked.notes("mail host")
    assert "Junk, found by its name" in checked.ok("junk")


def test_uidplus_is_enough_to_move(build, run_dovecot):
    """COPY and UID EXPUNGE do what MOVE does."""
    checked = build(server=run_dovecot("imap_capability = IMAP4rev1 AUTH=PLAIN IDLE UIDPLUS")).check(round_trip=True)
    assert "(UIDPLUS)" in checked.ok("mail host")


ACL = """
mail_plugins = acl
protocol imap {
  mail_plugins = acl imap_acl
}
plugin {
  acl = vfile
}
"""


@pytest.mark.parametrize("rights", ["lrsip", "lrip", "lrp"])
def test_a_mailbox_that_is_not_all_ours(build, run_dovecot, rights):
    """An ACL that forbids keywords, all flags, or to write at all: the check says so and is no less sure of the rest."""
    server = run_dovecot(ACL)
    rig = build(server=server)
    rig.account.deliver(b"Subject: the first mail makes the folder\r\n\r\n\r\n")
    (server.home / "mail" / rig.account.user / "Maildir" / "dovecot-acl").write_text(f"owner {rights}\n")
    checked = rig.check(round_trip=True)
    assert checked.faults() == ""
    assert "keeps no keywords" in checked.notes("mail host")


def test_a_host_without_a_junk_folder(build, run_dovecot):
    """Nothing to watch is worth a line."""
    none = "namespace inbox {\n mailbox Junk {\n auto = no\n }\n}"
    checked = build(server=run_dovecot(none)).check(round_trip=True)
    assert "no Junk folder was found" in checked.notes("imap")
    assert "junk" not in {one.about for one in checked.findings}


def test_the_message_id_is_rewritten(build):
    """Then answers need the plus-address."""
    checked = build(main=checks("/^Message-ID:.*/ REPLACE Message-ID: <another@mx.test>")).check(round_trip=True)
    assert "writes another Message-ID" in checked.notes("round trip")
    assert "with plus_addressing = true answers find their case all the same" in checked.notes("round trip")
    assert checked.settings == {"smtp.plus_addressing": True}


def test_the_sender_is_rewritten(build):
    """Answers would go to somebody else."""
    checked = build(main=checks("/^From:.*/ REPLACE From: Somebody <else@pymalta.test>")).check(round_trip=True)
    assert "another From" in checked.faults("round trip")


def test_the_loop_mark_is_removed(build):
    """The mail is found by its Subject, and the mark is missed."""
    checked = build(main=checks("/^X-Maild-Loop:/ IGNORE")).check(round_trip=True)
    assert "X-Maild-Loop" in checked.faults("round trip")


NO_PLUS = {
    "refused at once": (
        {"smtpd_recipient_restrictions": "check_recipient_access regexp:{{/[+]/ REJECT no such user}}, permit"},
        "refuses mail from or to mailbox+anything@ (554",
    ),
    "refused as sender": (
        {"smtpd_sender_restrictions": "check_sender_access regexp:{{/[+]/ REJECT not yours}}"},
        "refuses mail from or to mailbox+anything@ (554",
    ),
    "sorted away": (
        {"virtual_alias_maps": "regexp:{{/^([0-9]+)[+][a-z0-9]+@(.*)$$/ $$1+Junk@$$2}}"},
        "mail to mailbox+anything@ is put into Junk",
    ),
}


@pytest.mark.parametrize(("main", "said"), NO_PLUS.values(), ids=NO_PLUS)
def test_no_plus_addressing(build, sorting, main, said):
    """It is noted; where the configuration relies on it, it is a fault with the line that mends it."""
    rig = build(main=main, server=sorting)
    checked = rig.check(round_trip=True)
    assert said in checked.notes("plus-addressing")
    assert checked.settings == {}
    rig.written = {"smtp": "plus_addressing = true"}
    rig.configure()
    checked = rig.check(round_trip=True)
    if "refused as sender" in said or "not yours" in str(main):
        assert "does not take a letter from the mailbox to itself (554" in checked.faults("smtp")
    else:
        assert said in checked.faults("plus-addressing")
        assert checked.settings == {"smtp.plus_addressing": False}


def test_mail_to_a_plus_address_vanishes(build, run_dovecot):
    """Nobody says anything, so a while is waited for it: not as long as for the first mail."""
    checked = build(server=run_dovecot("recipient_delimiter =")).check(round_trip=True, patience=8)
    assert "does not arrive" in checked.notes("plus-addressing")


def test_a_forged_proof_stays(build):
    """The host signs on top and leaves what came with the mail: below its own lines, where maild believes nothing."""
    checked = build(main=signed_as(f"{AUTHSERV}; dmarc=none")).check(round_trip=True)
    assert f"proves senders as {AUTHSERV}; a forged proof stays in the mail" in checked.ok("authserv-id")
    assert checked.settings["authentication.authserv_id"] == AUTHSERV


def test_a_forged_proof_is_refused(build):
    """A host that turns such mail away is as safe as one that strips it."""
    main = signed_as(f"{AUTHSERV}; dmarc=none") | checks("/^Authentication-Results:.*policy.maild/ REJECT forged")
    checked = build(main=main).check(round_trip=True)
    assert "removes or refuses a forged proof" in checked.ok("authserv-id")


def test_another_name_is_configured(build):
    """maild would believe nobody: a fault, and the line."""
    rig = build(authserv_id=AUTHSERV, written={"authentication": 'authserv_id = "mx.old.test"'})
    checked = rig.check(round_trip=True)
    assert "authserv_id or form says otherwise" in checked.faults("authserv-id")
    assert checked.settings["authentication.authserv_id"] == AUTHSERV


def test_the_form_of_exchange(build):
    """Without an id in the header, the domain of the host that took the mail in counts, and the form is said."""
    rig = build(main={"myhostname": "am0pr01.eurprd01.prod.outlook.com"} | signed_as("spf=pass smtp.mailfrom=pymalta.test; dmarc=none"))
    checked = rig.check(round_trip=True)
    assert checked.settings["authentication.form"] == "exchange"
    assert "without an id" in checked.ok("authserv-id")


def test_nobody_signs(build):
    """Nothing shows what the name would be."""
    rig = build()
    assert "leave authserv_id empty" in rig.check(round_trip=True).notes("authserv-id")
    rig.written = {"authentication": f'authserv_id = "{AUTHSERV}"'}
    rig.configure()
    assert f"nothing shows whether {AUTHSERV} is right" in rig.check(round_trip=True).notes("authserv-id")


def test_mails_of_others_tell_who_signs(build):
    """A host that signs only what comes from outside: the latest mails show it."""
    rig = build()
    for number in range(3):
        rig.account.deliver(
            b"Authentication-Results: mx.pymalta.test; dmarc=pass header.from=out.test\r\n"
            b"Received: from out.test (out.test [203.0.113.7]) by mx.pymalta.test; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
            b"Authentication-Results: forged.test; dmarc=pass\r\n"
            b"From: kim@out.test\r\nMessage-ID: <%d@out.test>\r\n\r\nHello\r\n" % number
        )
    checked = rig.check(round_trip=True)
    assert checked.settings["authentication.authserv_id"] == AUTHSERV


def test_our_mail_is_taken_for_spam(build, sorting):
    """It is found in the Junk folder, and that is worth a word."""
    checked = build(server=sorting, main=filed_into("Junk")).check(round_trip=True)
    assert "arrived in Junk" in checked.ok("round trip")
    assert "taken for spam" in checked.notes("junk")
    assert "imap.junk" not in checked.settings


def test_our_mail_is_put_where_nobody_looks(build, sorting):
    """The folder is searched for and named, with the line that watches it."""
    rig = build(server=sorting, main=filed_into("Filtered"))
    for folder in ("Sent", "Filtered", "Archive"):
        rig.account.make_folder(folder)
    checked = rig.check(round_trip=True, patience=SHORT)
    assert "put into Filtered, which maild does not watch" in checked.faults("junk")
    assert checked.settings["imap.junk"] == "Filtered"
    rig.written = {"imap": 'junk = "Filtered"'}
    rig.configure()
    assert "imap.junk" not in rig.check(round_trip=True, patience=SHORT).settings
    rig.written = {"imap": 'junk = "off"'}
    rig.configure()
    checked = rig.check(round_trip=True, patience=SHORT)
    assert checked.faults() == ""
    assert "put into Filtered" in checked.notes("junk")


def test_our_mail_lies_where_a_daemon_moves_mail(build, sorting):
    """The folder of `done_folder` is maild's own: what lies there has arrived, and nobody is told to watch it."""
    rig = build(server=sorting, main=filed_into("Done"), written={"imap": 'after = "move"\ndone_folder = "Done"'})
    rig.account.make_folder("Done")
    checked = rig.check(round_trip=True)
    assert checked.faults() == ""
    assert "arrived in INBOX" in checked.ok("round trip")
    assert "imap.junk" not in checked.settings
    assert [set(flags) - {b"\\Recent"} for _, flags, _ in rig.account.messages("Done")] == [{b"\\Seen"}]


class Overtaken(ImapSurvey):
    """Each mail that it has seen is moved at once, as by a daemon beside us that makes the folder for the first of them."""

    def fetch(self, uids, *, size_limit):
        """See `ImapMailbox.fetch`."""
        found = super().fetch(uids, size_limit=size_limit)
        if ours := [one.source.uid for one in found if one.source.folder == "INBOX" and b"maild check" in one.raw]:
            daemon = ImapMailbox(replace(self._settings, read_only=False))
            daemon.select("INBOX")
            assert daemon.put_away(ours, folder="maild/Done") == ""
            daemon.close()
        return found


def test_a_daemon_moves_our_mail_as_soon_as_it_was_seen(build):
    """It is followed into the other folder, which was not there at the start, and marked as read there."""
    rig = build(written={"imap": 'after = "move"'})
    house = House(config=load_config(rig.config))
    mailbox, courier = Overtaken(house.imap_settings), SmtpCourier(house.smtp_settings)
    seen = Trip(house=house, mailbox=mailbox, courier=courier, patience=20, tell=rig.told.append).run()
    for one in (mailbox, courier, house):
        one.close()
    assert (seen.plain.landed.folder, seen.plus.landed.folder, seen.host.keyword) == ("INBOX", "INBOX", True)
    assert rig.account.messages() == []
    assert [set(flags) - {b"\\Recent"} for _, flags, _ in rig.account.messages("maild/Done")] == [{b"\\Seen"}] * 2


def test_a_mail_that_never_arrives(build):
    """After the patience is over a sentence names the likely reasons, and nothing is judged that was not seen."""
    rig = build(main={"virtual_alias_maps": "regexp:{{/^([0-9]+)@(.*)$$/ elsewhere@out.test}}"})
    checked = rig.check(round_trip=True, patience=2)
    assert "did not arrive within 2 s" in checked.faults("round trip")
    for reason in ("a group or an alias", "filter", "queue", "--patience"):
        assert reason in checked.faults("round trip")
    assert "IDLE" in checked.ok("mail host")
    assert {"plus-addressing", "authserv-id"}.isdisjoint(one.about for one in checked.findings)


def test_a_mail_that_comes_back(build):
    """The delivery report is recognised for what it is, so nobody waits for the mail any longer."""
    with ScriptedSmtp({"RCPT": b"550 5.1.1 nobody here\r\n"}) as refusing:
        main = {"smtpd_sender_restrictions": f"check_sender_access regexp:{{{{/^[0-9]+@/ FILTER smtp:[127.0.0.1]:{refusing.port}}}}}"}
        checked = build(main=main, relay_port=refusing.port).check(round_trip=True, patience=60)
    assert "came back as undeliverable" in checked.faults("round trip")


def test_a_clock_that_is_off(build):
    """INTERNALDATE lies outside the time between sending and seeing; without a round trip only the future shows."""
    rig = build()
    ahead, behind = Clock(), Clock()
    ahead.move_on(timedelta(minutes=10))
    behind.move_on(timedelta(minutes=-10))
    assert "10 min ahead of that of the IMAP server" in rig.check(round_trip=True, clock=ahead).faults("clock")
    assert "10 min behind that of the IMAP server" in rig.check(clock=behind).faults("clock")
    assert rig.check(clock=ahead).faults("clock") == ""


def test_without_a_key_no_mail_is_sent(build):
    """A daemon could not know such a mail for ours."""
    rig = build()
    rig.key_file.unlink()
    (rig.directory / "state" / "maild.sqlite").unlink()
    checked = rig.check(round_trip=True)
    assert "without the key file" in checked.faults("round trip")
    assert rig.account.messages() == []


def test_without_a_login_no_mail_is_sent(build):
    """What failed above is named, and not tried again."""
    rig = build()
    rig.configure(imap_port=1)
    assert "first mend what is said above of imap" in rig.check(round_trip=True).faults("round trip")

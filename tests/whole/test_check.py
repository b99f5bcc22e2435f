"""`maild check --round-trip` as a command, beside a daemon that reads the same mailbox: our mails to ourselves are nobody's report."""

import json
import sqlite3

from tests.servers.scripted_smtp import ScriptedSmtp
from tests.whole.stage import AUTHSERV, Stage, eventually
from tests.whole.test_after import DONE, ask_for


def kinds(stage: Stage) -> list[str]:
    """What the daemon took each mail for, in order; nothing while one of them waits."""
    with sqlite3.connect(f"file:{stage.directory}/state/maild.sqlite?mode=ro", uri=True) as database:
        rows = database.execute("SELECT state, kind FROM inbox ORDER BY id").fetchall()
    return [] if any(state == "NEW" for state, _ in rows) else [kind for _, kind in rows]


def test_beside_a_running_daemon(stage: Stage) -> None:
    """The check is not disturbed and does not disturb: three mails to ourselves are three loops, without a case and without a letter."""
    stage.start()
    eventually(lambda: stage.status().get("running"))
    asked = stage.ask("check", "--round-trip")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "ok     round trip: a mail to ourselves arrived in INBOX" in asked.stdout
    assert "\n# in [smtp]\nplus_addressing = true\n" in asked.stdout
    assert AUTHSERV not in asked.stdout.partition("These lines")[2]
    assert asked.stderr == "Waiting for mails to ourselves, 120 s at most.\n"
    assert eventually(lambda: kinds(stage) if len(kinds(stage)) == 3 else []) == ["loop"] * 3
    assert (stage.status()["cases"], stage.sink.arrived) == ({}, [])


def test_beside_a_daemon_that_moves(stage: Stage) -> None:
    """Our mails count as arrived in the folder from which the daemon takes them, and are marked as read where they lie: they alone."""
    ask_for(stage, "move")
    stage.start()
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)
    for _ in range(2):  # the second time the folder is known from the start
        asked = stage.ask("check", "--round-trip")
        assert asked.returncode == 0, asked.stdout + asked.stderr
        assert "ok     round trip: a mail to ourselves arrived in INBOX" in asked.stdout
        assert "ok     plus-addressing: " in asked.stdout
        assert "\n# in [imap]" not in asked.stdout
    (_, theirs, report), *ours = eventually(lambda: found if len(found := stage.account.messages(DONE)) == 7 else [])
    assert (b"kim@reporter.test" in report, b"\\Seen" in theirs) == (True, False)
    assert [(b"\\Seen" in flags, b"maild check" in raw) for _, flags, raw in ours] == [(True, True)] * 6


def test_before_the_daemon_starts(stage: Stage) -> None:
    """Mails to ourselves that wait in the mailbox are known for ours later on, too."""
    stage.start()
    eventually(lambda: stage.status().get("running"))
    stage.stop()
    told = json.loads(stage.ask("check", "--round-trip", "--json").stdout)
    assert told["ok"] is True
    assert {"table": "smtp", "key": "plus_addressing", "value": True} in told["settings"]
    stage.start()
    assert eventually(lambda: kinds(stage) if len(kinds(stage)) == 3 else []) == ["loop"] * 3
    assert (stage.status()["cases"], stage.sink.arrived) == ({}, [])


def test_a_mail_to_ourselves_that_comes_back(build, run_postfix, dovecot, certificate) -> None:
    """A delivery report about such a mail is no report either: it opens no case."""
    stage = build()
    stage.start()
    eventually(lambda: stage.status().get("running"))
    with ScriptedSmtp({"RCPT": b"550 5.1.1 nobody here\r\n"}) as refusing:
        filtering = run_postfix(
            lmtp_port=dovecot.lmtp_port,
            relay_port=refusing.port,
            domains=["pymalta.test"],
            certificate=certificate,
            main={"smtpd_sender_restrictions": f"check_sender_access regexp:{{{{/^[0-9]+@/ FILTER smtp:[127.0.0.1]:{refusing.port}}}}}"},
        )
        stage.configure(smtp_port=filtering.submission_port)
        asked = stage.ask("check", "--round-trip")
    assert asked.returncode == 1
    assert "came back as undeliverable" in asked.stdout
    assert eventually(lambda: kinds(stage) if len(kinds(stage)) >= 2 else []) == ["loop"] * 2
    assert stage.status()["cases"] == {}

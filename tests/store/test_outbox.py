"""The outbox: at least once, the same bytes each time, and nothing sent that should not be."""

from datetime import timedelta

import pytest

from maild.ports import Outcome, Parcel
from maild.store import ClaimLost, LettersMoved, MessageIdTaken
from maild.store.letters import State
from tests.store.world import (
    DAY,
    DEFERRED,
    DELIVERED,
    FAILED,
    HOUR,
    MINUTE,
    NOW,
    UNCERTAIN,
    GoneWrong,
    a_letter,
    a_parcel,
    enqueued,
    go_wrong,
    opened_ticket,
    sent,
    settle,
    to_send,
)

AFTER = timedelta(minutes=15)


def claim(store, *, now=NOW):
    with store.begin() as work:
        (letter,) = work.outbox.claim(now, limit=1, receipts_allowed=1)
    return letter


def letter_of(store, row):
    with store.read() as work:
        return work.outbox.get(row)


def dot(store, row):
    with store.begin() as work:
        work.outbox.dot(row)


def test_a_letter_leaves_as_it_was_finished(store):
    """What is claimed is byte for byte what was put in, with its envelope."""
    ticket_id = opened_ticket(store)
    parcel = Parcel(message_id="m@x", envelope_sender="b.tok@x", recipient="Żoe@example.org", raw=b"\r\n.\r\n\x00\xff" * 999)
    with store.begin() as work:
        row = work.outbox.enqueue(
            parcel, ticket_id=ticket_id, letter="report", role="staff", handle="ana", now=NOW, alarm_at=NOW + HOUR, next_at=NOW + MINUTE
        )
        assert work.outbox.parcel(row) == parcel
    assert to_send(store) == []
    letter = claim(store, now=NOW + MINUTE)
    assert (letter.id, letter.parcel, letter.attempts, letter.made_at) == (row, parcel, 1, NOW)
    assert (letter.ticket_id, letter.letter, letter.role, letter.handle) == (ticket_id, "report", "staff", "ana")
    assert "example.org" not in repr(letter)


def test_a_message_id_is_given_once(store):
    """The same letter cannot be put in twice; the transaction goes on."""
    parcel = a_parcel()
    with store.begin() as work:
        asked = {"ticket_id": None, "letter": "digest", "role": "board", "now": NOW, "alarm_at": NOW}
        work.outbox.enqueue(parcel, **asked)
        with pytest.raises(MessageIdTaken):
            work.outbox.enqueue(parcel, **asked)
        assert work.outbox.depth() == 1


def test_the_oldest_goes_first(store):
    """Letters that no budget holds go in the order they were made."""
    rows = [enqueued(store, now=NOW - hours * HOUR) for hours in (1, 3, 2)]
    assert to_send(store, limit=2) == [rows[1], rows[2]]
    assert to_send(store) == [rows[0]]


def test_budgets_hold_receipts_only(store):
    """With nothing left of the budget only the unbudgeted go; then known senders, proven ones, the rest."""
    rest, proven, known, free = (enqueued(store, rank=rank) for rank in (3, 2, 1, 0))
    assert to_send(store, receipts_allowed=0) == [free]
    assert to_send(store, receipts_allowed=2) == [known, proven]
    assert to_send(store, receipts_allowed=-1) == []
    assert to_send(store, receipts_allowed=9) == [rest]


def test_receipts_come_before_everything_else(store):
    """Whoever reported something is answered first, however long notices have been waiting and whatever the number of them."""
    notices = [enqueued(store, now=NOW - 3 * HOUR) for _ in range(4)]
    receipts = [enqueued(store, rank=2), enqueued(store, rank=1), enqueued(store, rank=3, latest_at=NOW)]
    assert to_send(store, limit=4) == [receipts[2], receipts[1], receipts[0], notices[0]]
    assert to_send(store, limit=9) == notices[1:]


def test_a_receipt_is_claimed_alone_while_others_are_sent(store):
    """In the middle of a batch delivery asks for receipts only; a receipt that the budget holds is due all the same."""
    enqueued(store)
    with store.begin() as work:
        assert not work.outbox.receipt_due(NOW)
    receipt = enqueued(store, rank=3)
    with store.begin() as work:
        assert work.outbox.receipt_due(NOW)
        assert work.outbox.claim(NOW, limit=9, receipts_allowed=0, receipts_only=True) == []
        assert [letter.id for letter in work.outbox.claim(NOW, limit=9, receipts_allowed=9, receipts_only=True)] == [receipt]
        assert not work.outbox.receipt_due(NOW)


def test_domains_take_turns(store):
    """A domain with many receipts does not keep one with few waiting; a newcomer joins those in front."""
    flood = [enqueued(store, rank=2, to=f"{n}@flood.example") for n in range(4)]
    other = [enqueued(store, rank=2, to=f"{n}@other.example") for n in range(2)]
    assert to_send(store, receipts_allowed=3) == [flood[0], other[0], flood[1]]
    late = enqueued(store, rank=2, to="late@late.example")
    assert to_send(store, receipts_allowed=3) == [other[1], late, flood[2]]
    assert to_send(store) == [flood[3]]


def test_ranks_take_turns_apart(store):
    """What a domain has waiting in one rank does not put it back in another."""
    for n in range(3):
        enqueued(store, rank=3, to=f"{n}@flood.example")
    proven = [enqueued(store, rank=2, to=to) for to in ("a@other.example", "b@other.example", "a@flood.example")]
    assert to_send(store, receipts_allowed=3) == [proven[0], proven[2], proven[1]]


def test_no_budget_holds_a_receipt_for_ever(store):
    """Past its `latest_at` a receipt goes, whatever the budget says; but not before the retry it waits for."""
    row = enqueued(store, rank=2, latest_at=NOW + 20 * HOUR)
    waiting = enqueued(store, rank=2, latest_at=NOW + 20 * HOUR, next_at=NOW + 21 * HOUR)
    assert to_send(store, now=NOW + 20 * HOUR - MINUTE, receipts_allowed=0) == []
    assert to_send(store, now=NOW + 20 * HOUR, receipts_allowed=0) == [row]
    assert to_send(store, now=NOW + 21 * HOUR, receipts_allowed=0) == [waiting]


def test_a_claimed_letter_is_nobody_elses(store):
    """A letter is claimed once until it is settled or comes back."""
    row = enqueued(store)
    assert to_send(store) == [row]
    assert to_send(store) == []
    assert letter_of(store, row).state is State.SENDING


@pytest.mark.parametrize(
    ("answer", "state", "again_at", "why"),
    [
        (DELIVERED, State.SENT, None, "taken"),
        (FAILED, State.FAILED, None, "refused for good"),
        (DEFERRED, State.DEFERRED, NOW + HOUR, "refused for now"),
        (UNCERTAIN, State.UNCERTAIN, NOW + HOUR, "perhaps sent"),
    ],
)
def test_how_an_attempt_ends(store, answer, state, again_at, why):
    """An answer ends the letter or lets it wait for the moment that was given."""
    row = enqueued(store)
    claim(store)
    dot(store, row)
    settle(store, row, answer, next_at=again_at, now=NOW + MINUTE)
    letter = letter_of(store, row)
    assert (letter.state, letter.code, letter.attempts) == (state, answer.code, 1), why
    assert letter.settled_at == (None if again_at else NOW + MINUTE)
    assert to_send(store, now=NOW + HOUR - MINUTE) == []
    assert to_send(store, now=NOW + HOUR) == ([row] if again_at else [])


def test_what_waits_again_needs_a_moment(store):
    """A letter that waits without saying until when would be tried without a pause."""
    row = enqueued(store)
    claim(store)
    with pytest.raises(ValueError, match="next_at"):
        settle(store, row, DEFERRED)
    assert letter_of(store, row).state is State.SENDING


def test_the_same_bytes_every_time(store):
    """A retry is the same mail, and counts one more attempt."""
    row = enqueued(store)
    first = claim(store)
    settle(store, row, DEFERRED, next_at=NOW + HOUR)
    second = claim(store, now=NOW + HOUR)
    assert (second.parcel, second.attempts) == (first.parcel, 2)


def test_a_server_that_went_away_costs_no_attempt(store):
    """A failure before MAIL FROM says nothing of the letter: it waits as before, its attempt uncounted."""
    row = enqueued(store, next_at=NOW - HOUR)
    claim(store)
    with store.begin() as work:
        work.outbox.return_to_pending(row)
    letter = letter_of(store, row)
    assert (letter.state, letter.attempts, letter.next_at) == (State.PENDING, 0, NOW - HOUR)
    assert claim(store).attempts == 1


def test_a_letter_nobody_claimed_has_no_dot(store):
    """Only the claimer may let the dot go out, and only once."""
    row = enqueued(store)
    with pytest.raises(ClaimLost):
        dot(store, row)
    claim(store)
    dot(store, row)
    with pytest.raises(ClaimLost):
        dot(store, row)
    sent_row = enqueued(store)
    sent(store, sent_row)
    with pytest.raises(ClaimLost):
        dot(store, sent_row)


def test_a_rolled_back_claim_is_none(store):
    """A claim whose transaction fails leaves the letter to the next claim."""
    row = enqueued(store)
    with pytest.raises(GoneWrong), store.begin() as work:
        go_wrong(work.outbox.claim(NOW, limit=1, receipts_allowed=1))
    assert claim(store).id == row


@pytest.mark.parametrize("state", [State.PENDING, State.UNCERTAIN])
def test_letters_whose_end_could_not_be_written_come_back(store, state):
    """A letter of our own that was left where it was is taken back too, once nothing is under way; and what is claimed anew is ours."""
    row = enqueued(store)
    claim(store)
    if state is State.UNCERTAIN:
        dot(store, row)
    with store.begin() as work:
        assert work.outbox.recover(NOW, uncertain_after=AFTER) == 1
        assert work.outbox.get(row).state is state
    assert claim(store, now=NOW + AFTER).attempts == 2
    dot(store, row)


def test_a_letter_past_its_dot_is_not_given_back(store):
    """Whoever gives back a letter whose dot went out would have it sent twice: it stays, until it counts as uncertain."""
    row = enqueued(store)
    claim(store)
    dot(store, row)
    with store.begin() as work:
        work.outbox.return_to_pending(row)
    assert letter_of(store, row).state is State.SENDING
    with store.begin() as work:
        assert work.outbox.recover(NOW, uncertain_after=AFTER) == 1
    assert (to_send(store), to_send(store, now=NOW + AFTER)) == ([], [row])


def test_letters_of_a_dead_sender_come_back(url, opened):
    """Before the dot a letter was surely not sent and goes at once; after it nobody knows, and it waits."""
    first = opened(url)
    before, after, settled = (enqueued(first) for _ in range(3))
    assert to_send(first) == [before, after, settled]
    dot(first, after)
    settle(first, settled, DELIVERED)
    first.close()
    second = opened(url)
    with second.begin() as work:
        assert work.outbox.recover(NOW, uncertain_after=AFTER) == 2
        assert (work.outbox.get(before).state, work.outbox.get(after).state) == (State.PENDING, State.UNCERTAIN)
    assert to_send(second) == [before]
    assert to_send(second, now=NOW + AFTER) == [after]


def test_a_success_is_recorded_always(url, opened):
    """A letter another daemon took over is SENT all the same once its first sender says so, and stays SENT."""
    first = opened(url)
    row = enqueued(first)
    to_send(first)
    second = take_over(first, opened(url), row)
    settle(first, row, DELIVERED, now=NOW + MINUTE)
    assert letter_of(second, row).state is State.SENT
    for answer in (DEFERRED, FAILED, UNCERTAIN):
        settle(second, row, answer, next_at=NOW + HOUR)
        assert letter_of(second, row).state is State.SENT


@pytest.mark.parametrize("answer", [DEFERRED, FAILED, UNCERTAIN])
def test_a_late_answer_takes_nothing_from_the_new_sender(url, opened, answer):
    """What the first sender says after losing the letter, success aside, does not touch the second one's attempt."""
    first = opened(url)
    row = enqueued(first)
    to_send(first)
    second = take_over(first, opened(url), row)
    settle(first, row, answer, next_at=NOW + HOUR)
    assert letter_of(second, row).state is State.SENDING
    dot(second, row)


def test_a_lost_letter_is_not_sent(url, opened):
    """A sender that lost its letter while it was stopped learns it at the dot."""
    first = opened(url)
    row = enqueued(first)
    to_send(first)
    second = take_over(first, opened(url), row)
    with pytest.raises(ClaimLost):
        dot(first, row)
    with first.begin() as work:
        work.outbox.return_to_pending(row)
    assert letter_of(second, row).state is State.SENDING


def take_over(first, second, row):
    """Let `second` claim what `first` has claimed, as if the first one's session had ended without its knowing."""
    claims = dict(first._locks.claims)
    first._locks.close()
    first._locks.claims.update(claims)
    with second.begin() as work:
        assert work.outbox.recover(NOW, uncertain_after=AFTER) == 1
    assert to_send(second) == [row]
    return second


def test_tickets_learn_what_became_of_their_letters(store):
    """A settled letter of a ticket is told once; others, and those under way, are not."""
    ticket_id = opened_ticket(store)
    accepted = enqueued(store, ticket_id=ticket_id, letter="receipt")
    refused = enqueued(store, ticket_id=ticket_id, letter="report", role="staff", handle="ana")
    enqueued(store, ticket_id=ticket_id)
    enqueued(store)
    to_send(store)
    settle(store, accepted, DELIVERED, now=NOW + MINUTE)
    settle(store, refused, FAILED, now=NOW + HOUR)
    with store.begin() as work:
        first, second = work.outbox.unnoted(9)
        assert (first.id, first.ticket_id, first.letter, first.role, first.handle) == (
            accepted,
            ticket_id,
            "receipt",
            "reporter",
            "reporter",
        )
        assert (first.outcome, first.bounced, first.settled_at, first.code) == (Outcome.DELIVERED, False, NOW + MINUTE, 250)
        assert (second.id, second.outcome, second.settled_at, second.code) == (refused, Outcome.FAILED, NOW + HOUR, 550)
        assert work.outbox.unnoted(1) == [first]
        work.outbox.note([accepted, refused], now=NOW)
        assert work.outbox.unnoted(9) == []


def test_a_bounce_is_told_after_the_acceptance(store):
    """A letter that was accepted and then came back is told again, as bounced."""
    row = enqueued(store, ticket_id=opened_ticket(store))
    sent(store, row)
    with store.begin() as work:
        message_id = work.outbox.parcel(row).message_id
        work.outbox.note([row], now=NOW)
        work.outbox.bounced(work.outbox.by_message_id(message_id).id, now=NOW + HOUR)
        (told,) = work.outbox.unnoted(9)
        assert (told.id, told.bounced, told.outcome) == (row, True, Outcome.DELIVERED)
        assert work.outbox.get(row).bounced_at == NOW + HOUR
        assert work.outbox.by_message_id("unknown@example.org") is None


def test_merged_letters_share_an_end(store):
    """Receipts that one letter carries are never sent; each ticket learns what became of the carrier, bounce included."""
    tickets = [opened_ticket(store) for _ in range(3)]
    rows = [enqueued(store, ticket_id=ticket_id, rank=2, latest_at=NOW) for ticket_id in tickets]
    carrier = enqueued(store, letter="merged-receipt", rank=1)
    with store.begin() as work:
        work.outbox.supersede(rows, by=carrier)
        assert work.outbox.crowded(NOW) == []
        assert work.outbox.unnoted(9) == []
    sent(store, carrier)
    with store.begin() as work:
        assert [(told.ticket_id, told.outcome, told.letter) for told in work.outbox.unnoted(9)] == [
            (one, Outcome.DELIVERED, "receipt") for one in tickets
        ]
        work.outbox.note(rows, now=NOW)
        work.outbox.bounced(carrier, now=NOW + HOUR)
        assert [(told.ticket_id, told.bounced) for told in work.outbox.unnoted(9)] == [(one, True) for one in tickets]
        assert work.outbox.sent_since(NOW) == 1
        assert len(work.outbox.receipts_since(NOW - DAY, recipient="rita@example.org")) == 1


def test_several_receipts_for_one_person(store):
    """They are looked at together once the first of them may not be held any longer: all that were never tried, and no others."""
    ticket_id, latest = opened_ticket(store), NOW + 20 * HOUR
    rows = [enqueued(store, ticket_id=ticket_id, rank=rank, next_at=latest, latest_at=at) for rank, at in ((1, latest), (3, None))]
    enqueued(store, ticket_id=ticket_id, rank=2, to="alone@example.org", next_at=latest, latest_at=latest)
    enqueued(store, ticket_id=ticket_id, next_at=latest)  # no receipt
    enqueued(store, rank=1, next_at=latest, latest_at=latest)  # of no case: it says what others would already
    tried = enqueued(store, ticket_id=ticket_id, rank=1, to="RITA@example.org", latest_at=latest)
    assert claim(store).id == tried
    settle(store, tried, DEFERRED, next_at=latest)
    with store.read() as work:
        assert work.outbox.crowded(latest - MINUTE) == []
        assert [[letter.id for letter in letters] for letters in work.outbox.crowded(latest)] == [rows]


def test_a_letter_under_way_is_not_merged(store):
    """Whoever merges letters of which one has just been claimed has to decide once more, and changes nothing."""
    ticket_id = opened_ticket(store)
    rows = [enqueued(store, ticket_id=ticket_id, rank=1, next_at=NOW + minutes * MINUTE) for minutes in (0, 1)]
    claim(store)
    with pytest.raises(LettersMoved), store.begin() as work:
        work.outbox.supersede(rows, by=a_letter(work, letter="merged-receipt", rank=1))
    assert [letter_of(store, row).state for row in rows] == [State.SENDING, State.PENDING]


def test_a_withdrawn_letter_never_leaves(store):
    """What waits for a person about a ticket is taken back; what is under way or gone stays."""
    ticket_id, other = opened_ticket(store), opened_ticket(store)
    under_way = enqueued(store, ticket_id=ticket_id, handle="ana")
    to_send(store)
    waiting = enqueued(store, ticket_id=ticket_id, handle="ana")
    hers = [enqueued(store, ticket_id=other, handle="ana"), enqueued(store, ticket_id=ticket_id, handle="ben")]
    with store.begin() as work:
        work.outbox.withdraw(ticket_id, handle="ana", now=NOW)
        states = [work.outbox.get(row).state for row in (under_way, waiting, *hers)]
    assert states == [State.SENDING, State.WITHDRAWN, State.PENDING, State.PENDING]
    assert to_send(store) == hers


def test_what_is_late(store):
    """A letter is late while it is unsent past its alarm."""
    rows = [enqueued(store, alarm_at=NOW + hours * HOUR, ticket_id=opened_ticket(store)) for hours in (3, 1, 2)]
    with store.read() as work:
        assert [letter.id for letter in work.outbox.overdue(NOW + 2 * HOUR)] == [rows[1], rows[2]]
        assert work.outbox.overdue(NOW) == []
    sent(store, *rows)
    with store.read() as work:
        assert work.outbox.overdue(NOW + DAY) == []


def test_when_to_look_again(store):
    """Delivery learns of the next moment anything changes by itself: a letter falls due, or outgrows its budget."""
    with store.read() as work:
        assert (work.outbox.next_due(NOW), work.outbox.due(NOW)) == (None, False)
    enqueued(store, rank=2, latest_at=NOW + 20 * HOUR)
    enqueued(store, next_at=NOW + 2 * HOUR)
    with store.read() as work:
        assert (work.outbox.due(NOW - MINUTE), work.outbox.due(NOW)) == (False, True)
        assert [work.outbox.next_due(NOW + hours * HOUR) for hours in (0, 2, 20)] == [NOW + 2 * HOUR, NOW + 20 * HOUR, None]


def test_counting_letters(store):
    """Depth and age of what waits; what left and what failed since a moment."""
    with store.read() as work:
        assert (work.outbox.depth(), work.outbox.oldest_unsent()) == (0, None)
    rows = [enqueued(store, now=NOW - hours * HOUR) for hours in (3, 1, 2)]
    with store.read() as work:
        assert (work.outbox.depth(), work.outbox.oldest_unsent()) == (3, NOW - 3 * HOUR)
    assert to_send(store, limit=2) == [rows[0], rows[2]]
    settle(store, rows[0], DELIVERED, now=NOW)
    settle(store, rows[2], FAILED, now=NOW)
    with store.read() as work:
        assert (work.outbox.depth(), work.outbox.oldest_unsent()) == (1, NOW - HOUR)
        assert (work.outbox.sent_since(NOW), work.outbox.sent_since(NOW + MINUTE)) == (1, 0)
        assert (work.outbox.failed_since(NOW), work.outbox.failed_since(NOW + MINUTE)) == (1, 0)


def test_what_the_budgets_count(store):
    """The house counts receipts that were sent; a sender those that were or will be, each at the moment it goes."""
    mine, hers, failed = (enqueued(store, rank=rank, to=f"{name}@example.org") for rank, name in ((1, "me"), (2, "her"), (2, "me")))
    enqueued(store, to="me@example.org")
    to_send(store)
    settle(store, mine, DELIVERED, now=NOW + HOUR)
    settle(store, hers, DELIVERED, now=NOW)
    settle(store, failed, FAILED)
    enqueued(store, rank=2, to="ME@example.org", next_at=NOW + 3 * HOUR)
    with store.read() as work:
        assert work.outbox.receipts_since(NOW) == [NOW, NOW + HOUR]
        assert work.outbox.receipts_since(NOW + MINUTE) == [NOW + HOUR]
        assert work.outbox.receipts_since(NOW, recipient="me@example.org") == [NOW + HOUR, NOW + 3 * HOUR]
        assert work.outbox.receipts_since(NOW, recipient="nobody@example.org") == []


def test_a_letter_that_is_not_there(store):
    """Whoever asks for a letter by a number gets it or is told."""
    ticket_id = opened_ticket(store)
    row = enqueued(store, ticket_id=ticket_id)
    with store.read() as work:
        assert [letter.id for letter in work.outbox.of_ticket(ticket_id)] == [row]
        for ask in (work.outbox.get, work.outbox.parcel):
            with pytest.raises(LookupError):
                ask(404)


def test_a_batch_of_letters(store):
    """Several letters of one transaction are claimed together and in order."""
    with store.begin() as work:
        rows = [a_letter(work) for _ in range(5)]
    assert to_send(store) == rows


def test_what_nobody_claimed_is_not_given_back(store):
    """Giving back a letter that is not ours changes nothing."""
    row = enqueued(store)
    with store.begin() as work:
        work.outbox.return_to_pending(row)
    assert letter_of(store, row).attempts == 0
    assert claim(store).attempts == 1

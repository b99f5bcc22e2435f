"""Many cases in one letter, and the numbers of letters."""

from maild.playbook.decide.numbering import numbered
from maild.playbook.decide.summary import held_summary, report_summary
from maild.playbook.effects import Journal, Send
from maild.playbook.letters import Kind
from tests.playbook.cases import BEN, World


def letters(effects):
    """The letters of a summary."""
    return [effect.letter for effect in effects if isinstance(effect, Send)]


def world():
    """A world with a held message, and one more that names Ben."""
    w = World()
    w.held(subject="SECRET", name="SECRET")
    w.report("Ben wrote: SECRET", recent=99)
    return w


def test_a_summary_tells_each_reader_what_they_may_know():
    """Everybody gets one letter, with those cases they are not kept out of (product.md section 3)."""
    w = world()
    for summary, kind, alone in (
        (held_summary, Kind.HELD_SUMMARY, Kind.HELD_SUMMARY),
        (report_summary, Kind.REPORT_SUMMARY, Kind.NEW_REPORT),
    ):
        made = letters(summary(list(w.tickets.values()), w.scene()))
        assert [(letter.kind, letter.to.handle, len(letter.facts.get("items", [""]))) for letter in made] == [
            (kind, "ana", 2),
            (alone, "ben", 1),
            (kind, "carla", 2),
        ]


def test_a_summary_holds_no_words():
    """One letter holds many cases: code names, moments and reasons, and no text, name or subject (product.md principle 6)."""
    w = world()
    assert "SECRET" not in str(letters(held_summary(list(w.tickets.values()), w.scene())))


def test_a_single_report_is_told_of_as_any():
    """A report that was held and never summed up comes in one notice: on its own thread, and without its words, which [show] gives."""
    w = World()
    w.held(subject="SECRET", name="SECRET")
    w.on_no_case(f"[case:{w.case.code}]\n[report]")
    made = letters(report_summary([w.case], w.scene()))
    assert [(letter.kind, letter.to.handle, letter.ticket_id) for letter in made] == [
        (Kind.NEW_REPORT, handle, w.case.id) for handle in ("ana", "ben", "carla")
    ]
    assert "SECRET" not in str([letter.facts for letter in made])
    assert made[0].facts["unanswered_because"] == ""


def test_a_case_about_everybody_is_summed_up_for_the_contact_outside():
    """Whoever works on a case is told of it, in a summary too."""
    w = World()
    w.report("Ana, Ben and Carla did it.", recent=99)
    assert [letter.to.handle for letter in letters(report_summary([w.case], w.scene()))] == ["fallback"]


def test_a_summary_is_journaled_by_its_count():
    """The journal holds how many, and nothing of them."""
    w = world()
    effects = held_summary(list(w.tickets.values()), w.scene())
    assert [effect for effect in effects if isinstance(effect, Journal)] == [Journal(verb="held-summary", by="maild", facts={"count": 2})]


def test_every_letter_of_a_decision_has_a_token_of_its_own():
    """Tokens differ within a decision, and a question keeps the one it asks for."""
    w = World()
    w.report()
    asked = w.staff("[assign:ben]\n[recuse:carla]", BEN, proof="")
    tokens = [letter.token for letter in asked.letters]
    assert all(tokens)
    assert len(set(tokens)) == len(tokens)
    challenge = asked.letter(Kind.CHALLENGE)
    assert challenge.token == challenge.facts["confirm"]


def test_a_retry_makes_the_same_letters():
    """The same mail in the same scene is decided in the same words with the same tokens (architecture.md)."""
    w = world()
    effects = held_summary(list(w.tickets.values()), w.scene())
    assert numbered(effects, w.scene()) == numbered(effects, w.scene())

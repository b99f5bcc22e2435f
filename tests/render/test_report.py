"""A transparency report in words: each tier byte for byte, what every reader of it is safe from, and what an operator may change."""

import json
import re
import shutil
from csv import reader
from difflib import unified_diff
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound
from selectolax.lexbor import LexborHTMLParser

from maild import render
from maild.lines import LINE, markdown, wrapped
from maild.playbook.figures import as_json
from maild.playbook.scopes import scope_of
from maild.playbook.transparency import every_tier, numbers
from maild.render import REPORT, REPORT_WORDS, Templates, shipped_templates
from tests.render.every_report import HERE, LEARNED, POLICY, REPORTS, files, golden, incidents

PARTS = (
    "How people could report",
    "Numbers",
    "How we kept our promises",
    "What we learned and changed",
    "What this report leaves out, and why",
    "How to report, and how to object to this report",
)
"""What stands in every report, in this order."""

NONE = numbers([], scope_of("pycon-2026", POLICY), earlier=())


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_reads_as_it_should(name):
    """Each file of it is that of its golden file, byte for byte, and once more the same."""
    wanted, text = (HERE / f"{name}.txt").read_bytes().decode(), golden(name)
    if text != wanted:
        diff = unified_diff(wanted.splitlines(keepends=True), text.splitlines(keepends=True), name, "as it is now")
        pytest.fail("".join(diff), pytrace=False)
    assert golden(name) == wanted


def test_every_golden_report_is_compared():
    """None is left over from a report that is gone."""
    assert {path.stem for path in HERE.iterdir()} == set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_its_fixed_parts(name):
    """However little may be told: how to report, how promises were kept, what was changed, what is left out, how to object."""
    made = files(name)
    assert list(made) == ["report.md", "report.html", "report.txt", "numbers.json", "numbers.csv"]
    assert tuple(re.findall(r"(?m)^## (.+)$", made["report.md"])) == PARTS
    assert tuple(one.text() for one in LexborHTMLParser(made["report.html"]).css("h2")) == PARTS
    assert tuple(line for line in made["report.txt"].splitlines() if line in PARTS) == PARTS
    assert all("24 hours" in made[file] and "one week" in made[file] and "info@club.example" in made[file] for file in list(made)[:3])


@pytest.mark.parametrize("count", [2, 3])
def test_few_incidents_read_the_same_whatever_they_are(count):
    """All five files, byte for byte; the fourth of these was acknowledged late, which may be told."""
    told = [numbers(incidents(number), scope_of("pycon-2026", POLICY), earlier=()) for number in (1, count, 4)]
    one, few, late = (dict(Templates(POLICY).report(made, "")) for made in told)
    assert few == one
    assert late["report.md"] == one["report.md"].replace("All reports were acknowledged", "Not all reports were acknowledged")


@pytest.mark.parametrize("name", REPORTS)
def test_nobody_is_told_of_police(name):
    """Not in any tier."""
    assert not re.search(r"police|authorit|arrest", golden(name), re.IGNORECASE)


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_is_whole_in_itself_and_runs_nothing(name):
    """No script, nothing remote, no link that was none; a policy that forbids them, and no markup that somebody else wrote."""
    page = LexborHTMLParser(files(name)["report.html"])
    (policy,) = page.css('meta[http-equiv="Content-Security-Policy"]')
    assert policy.attributes["content"].startswith("default-src 'none'; ")
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li"}
    allowed |= {"figure", "figcaption", "svg", "rect", "text", "table", "thead", "tbody", "tr", "td", "th"}
    found = {node.tag for node in page.root.traverse(include_text=False)}
    assert found <= allowed
    attributes = {name for node in page.css("*") for name in node.attributes}
    assert not {name for name in attributes if name.startswith("on") or name in ("src", "href", "style")}
    assert not re.search(r"url\(|@import", files(name)["report.html"])


def test_bars_have_words():
    """Whoever does not see the drawing hears its title, and the table beside it has the same numbers."""
    page = LexborHTMLParser(files("thirty")["report.html"])
    for figure in page.css("figure"):
        (drawing,) = figure.css("svg")
        (title,) = drawing.css("title")
        assert (drawing.attributes["role"], drawing.attributes["aria-labelledby"]) == ("img", title.attributes["id"])
        rows = [(row.css_first("th").text(), row.css_first("td").text()) for row in figure.css("tbody tr")]
        assert title.text().partition(": ")[2] == "; ".join(f"{name}, {count}" for name, count in rows)
        assert [text.text() for text in drawing.css("text")] == [count for _, count in rows]
        assert max(int(one.attributes["width"]) for one in drawing.css("rect")) == 340
    assert len(page.css("figure")) == 2


def test_a_name_is_no_markup():
    """Neither in HTML nor in Markdown; in plain text it stands as it is."""
    made = files("none-of-few-people")
    assert "<title>Transparency report: *Mela* &amp; &lt;Merħba&gt;</title>" in made["report.html"]
    assert "<Merħba>" not in made["report.html"]
    assert made["report.md"].startswith("# Transparency report: \\*Mela\\* &amp; &lt;Merħba&gt;\n")
    assert made["report.txt"].startswith("Transparency report: *Mela* & <Merħba>\n")


def test_what_people_learned_stands_in_every_form():
    """Its paragraphs and lists stay; markup in it is shown and does nothing. Where nobody wrote anything, the part says so."""
    made = files("four")
    assert "&lt;b&gt;everybody&lt;/b&gt; may use it.</p>\n<ul>\n<li>It is on the ground floor.</li>" in made["report.html"]
    assert "&lt;b&gt;everybody&lt;/b&gt; may use it.\n\n* It is on the ground floor.\n* It has a \\#door \\[that\\]" in made["report.md"]
    assert LEARNED.strip() in made["report.txt"]
    assert Templates(POLICY).report(NONE, " \n")["report.txt"].count("We have changed nothing this time.") == 1


def test_the_machines_files_say_what_the_words_do():
    """JSON and CSV hold the numbers as they are and nothing besides."""
    for name in REPORTS:
        told = json.loads(files(name)["numbers.json"])
        assert as_json(told) == files(name)["numbers.json"]
        rows = list(reader(files(name)["numbers.csv"].splitlines()))
        assert {len(row) for row in rows} == {3}
        assert sum(len(table["cells"]) for table in told["tables"]) == len([row for row in rows if row[0] in ("outcome", "resolution")])


def test_lines_of_the_plain_text_are_short():
    """A mail program shows them as they are; an address that is longer stands on a line of its own."""
    for name in REPORTS:
        assert max(map(len, files(name)["report.txt"].splitlines())) <= LINE
    assert wrapped("word " * 20 + "https://" + "a" * 100).splitlines()[-1] == "https://" + "a" * 100


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a_b *c* `d` #e [f](g) |h| ~i~ \\j", "a\\_b \\*c\\* \\`d\\` \\#e \\[f\\](g) \\|h\\| \\~i\\~ \\\\j"),
        ("<a> & b", "&lt;a&gt; &amp; b"),
        ("\n* one\n* two * three\n", "* one\n* two \\* three"),
    ],
)
def test_markdown_makes_nothing_of_words(text, wanted):
    """But for the items of a list."""
    assert markdown(text) == wanted


def own(tmp_path: Path, **texts: str) -> Templates:
    folder = tmp_path / "own" / "report" / "en"
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text)
    return Templates(POLICY, override=tmp_path / "own")


def test_an_operator_may_write_one_file_of_a_report(tmp_path):
    """The others stay as shipped; `maild check` finds nothing wrong with it."""
    made = own(tmp_path, report_txt="{{ title }}: {{ incidents }}\n")
    assert made.report(NONE, "")["report.txt"] == "PyCon Malta 2026: 0\n"
    assert made.report(NONE, "")["report.md"] == files("none")["report.md"]
    assert made.faults() == ()


def test_an_operator_may_write_the_sentences_of_all_three(tmp_path):
    """They stand in one file."""
    words = (shipped_templates() / REPORT_WORDS).read_text().replace("No reports were received.", "Nobody reported anything.")
    made = own(tmp_path, words_txt=words).report(NONE, "")
    assert all("Nobody reported anything." in made[file] for file in list(made)[:3])


def test_a_template_of_an_operator_that_fails_is_not_used(tmp_path, caplog):
    """The report goes out as shipped, the log says so, and `maild check` says where."""
    made = own(tmp_path, report_md="{{ nothing }}", report_html="{% if %}")
    assert made.report(NONE, "") == Templates(POLICY).report(NONE, "")
    assert "transparency report" in caplog.text
    html, md = sorted(made.faults())
    assert "report.html:1: " in html
    assert md.endswith("report.md:1: there is nothing called nothing")


def test_files_of_other_names_belong_nowhere(tmp_path):
    """A report is written in one language so far, and is no letter."""
    (tmp_path / "own" / "report" / "mt").mkdir(parents=True)
    (tmp_path / "own" / "report" / "mt" / "report.md").write_text("")
    (tmp_path / "own" / "README.md").write_text("{{ no template }")
    (fault,) = own(tmp_path, subject_txt="").faults()[:1]
    assert "report/en/subject.txt: belongs to no letter" in fault
    assert len(Templates(POLICY, override=tmp_path / "own").faults()) == 2


@pytest.mark.parametrize("file", [*REPORT, REPORT_WORDS])
def test_a_shipped_file_that_is_missing_is_named(tmp_path, monkeypatch, file):
    """A report of which a file is gone cannot be written."""
    shutil.copytree(shipped_templates(), tmp_path / "templates")
    (tmp_path / "templates" / file).unlink()
    monkeypatch.setattr(render, "shipped_templates", lambda: tmp_path / "templates")
    made = Templates(POLICY)
    assert f"{file}: is missing" in made.faults()
    with pytest.raises(TemplateNotFound):
        made.report(NONE, "")


def test_what_tells_of_nobody_is_said_by_the_shipped_templates(tmp_path):
    """A name that an operator wrote into a template is not made harmless by standing there."""
    made = own(tmp_path, report_md="Ask Robin.")
    told = made.told_of_nobody(every_tier(scope_of("pycon-2026", POLICY)))
    assert "Robin" not in told
    assert "Fewer than five incidents were reported." in told
    assert "All others together" in told

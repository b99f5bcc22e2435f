"""The manual page and shell completion: made from the commands, whole, and without a fault."""

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from maild import cli

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/maild.1"
PROGRAM = "import sys; sys.argv[0] = 'maild'; from maild.cli import main; main()"


def ask(*command: object, **environ: str) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | environ, check=False, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def manual() -> Any:
    """package/manual.py as a module."""
    found = spec_from_file_location("manual", ROOT / "package/manual.py")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(manual):
    """Whoever changes a command runs `make man`."""
    assert PAGE.read_text().splitlines() == list(manual.page())


def exits() -> set[int]:
    """Every exit status that a command ends with."""
    numbers = {0, cli.EX_CONFIG}
    for path in (ROOT / "maild/cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"typer.Exit", "sys.exit"}:
                numbers |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return numbers


def test_every_exit_status_stands_in_it(manual):
    """What a command can end with is explained, what typer itself ends with too."""
    assert exits() | {2, 130} <= set(manual.STATUSES)


@pytest.mark.parametrize("text", [".so /etc/passwd", "'br", "a\\fBb", "--all", "`x` ~ ^"])
def test_text_is_never_a_request(manual, text):
    """A dot, a quote or a backslash in a sentence is shown, not obeyed."""
    written = manual.escaped(text)
    assert not written.startswith((".", "'"))
    assert "\\f" not in written
    shown = written.replace("\\&", "").replace("\\(aq", "'").replace("\\(ga", "`").replace("\\(ha", "^").replace("\\(ti", "~")
    assert shown.replace("\\-", "-").replace("\\e", "\\") == text


@pytest.mark.skipif(not shutil.which("man") or not shutil.which("groff"), reason="man is not installed")
def test_man_shows_it_without_a_warning():
    """man-db and groff have nothing to say about it."""
    shown = ask("man", "--warnings", "--local-file", PAGE, MANWIDTH="80", LC_ALL="C.UTF-8", MANPAGER="cat")
    assert "warning" not in shown
    assert "maild quarantine discard [OPTIONS]" in shown


COMPLETED = [
    ("", "run"),
    ("qua", "quarantine"),
    ("quarantine ", "retry"),
    ("status --j", "--json"),
    ("db up", "upgrade"),
    ("init --provider mi", "microsoft"),
]


@pytest.mark.parametrize(("typed", "offered"), COMPLETED)
def test_bash_completes(tmp_path, typed, offered):
    """The completion that is installed offers commands, their commands and their options."""
    program = tmp_path / "maild"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    script = ask(program, _MAILD_COMPLETE="source_bash")
    words = f"maild {typed}".split(" ")
    asked = f'{script}\nCOMP_WORDS=({" ".join(words[:-1])} "{words[-1]}"); COMP_CWORD={len(words) - 1}\n_maild_completion {program}\n'
    shown = ask("bash", "-c", asked + 'printf "%s\\n" "${COMPREPLY[@]}"', PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert offered in shown.splitlines()


@pytest.mark.parametrize(
    ("shell", "first"), [("bash", "_maild_completion() {"), ("zsh", "#compdef maild"), ("fish", "complete --command maild")]
)
def test_each_shell_has_its_script(shell, first):
    """bash, zsh and fish each get a script of their own; the Debian package installs all three."""
    script = ask(sys.executable, "-c", PROGRAM, _MAILD_COMPLETE=f"source_{shell}").strip()
    assert script.startswith(first)
    assert re.search(rf"_MAILD_COMPLETE=complete_{shell}", script)

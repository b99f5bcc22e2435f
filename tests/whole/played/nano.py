#!/usr/bin/python3
"""nano and the person before it, who does what docs/hosting.md says under "Set the lines that the check prints".

The lines are taken from the screen, which lies in /run/screen; nothing else is ever typed.
"""

import re
import sys
from pathlib import Path

SCREEN = Path("/run/screen").read_text().splitlines()
FILE = Path(sys.argv[1])


def set_line(text: str, *, table: str, line: str) -> str:
    """Go to the table, find the same word there, mostly with a # in front, and make it the line that was printed."""
    word = line.partition("=")[0].strip()
    before, header, rest = re.split(rf"(?m)^(\[{re.escape(table)}\]\n)", text, maxsplit=1)
    changed, times = re.subn(rf"(?m)^(# )?{re.escape(word)} = .*$", lambda _: line, rest, count=1)
    if not times:
        sys.exit(f"nano: no {word} in [{table}]")
    return before + header + changed


table = ""
for printed in SCREEN:
    if found := re.fullmatch(r"# in \[(.+)\]", printed.strip()):
        table = found[1]
    elif table and re.fullmatch(r"[a-z_]+ = .+", printed.strip()):
        FILE.write_text(set_line(FILE.read_text(), table=table, line=printed.strip()))
    else:
        table = ""

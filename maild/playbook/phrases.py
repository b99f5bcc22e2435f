"""Phrases that a letter to a reporter is held for, as they are spelled: promises and pressure, in English and in Maltese.

Only data. `lint` compares them as whole words without case, accents and punctuation, so “we'll” is found in “We’ll” and in “WE'LL”, and
“għandek” in “ghandek”. A phrase is here because a frightened reader would hear it, and long enough that friendly letters do not hold it.
"""

from itertools import product


def _each(*parts: tuple[str, ...]) -> tuple[str, ...]:
    """Every way to take one of each."""
    return tuple(" ".join(filter(None, words)) for words in product(*parts))


_WE_WILL = (
    *("we will", "we'll", "we shall", "we are going to", "we're going to"),
    *("I will", "I'll", "I shall", "I am going to", "I'm going to"),
)
_MEASURE = (
    "ban",
    "expel",
    "remove",
    "punish",
    "suspend",
    "exclude",
    "kick him",
    "kick her",
    "kick them",
    "throw him",
    "throw her",
    "throw them",
)
_MEASURED = ("banned", "expelled", "removed", "punished", "kicked out", "thrown out", "suspended", "excluded")
_THEY = ("he", "she", "they", "this person", "that person", "the person")
_TO_BE = ("will be", "shall be", "will get", "is going to be", "are going to be", "is going to get", "are going to get")

PROMISES = (
    *_each(_WE_WILL, _MEASURE),
    *_each(_WE_WILL, ("make sure", "ensure", "see to it that", "protect you", "keep you safe", "get justice")),
    *_each(_THEY, _TO_BE, _MEASURED),
    *_each(("he'll", "she'll", "they'll"), ("be", "get"), _MEASURED),
    *_each(_WE_WILL, ("have", "get"), ("him", "her", "them"), _MEASURED),
    *_each(("we are", "we're", "I am", "I'm"), ("banning", "expelling", "removing", "suspending", "excluding"), ("him", "her", "them")),
    *_each(_THEY, ("will get", "is going to get", "are going to get"), ("a ban",)),
    *_each(_WE_WILL, ("make",), ("him", "her", "them"), ("leave", "stop", "pay", "apologise", "apologize")),
    *_each(("won't", "will not", "not going to"), ("get away with",)),
    *_each(("make sure",), ("he", "she", "they", "that he", "that she", "that they")),
    *_each(("I", "we"), ("promise", "guarantee", "assure you", "can promise", "can guarantee", "can assure you", "swear")),
    *_each(("you have", "I give you", "we give you"), ("my word", "our word", "my promise", "our promise")),
    *_each(("you are", "you're", "you will be", "you'll be"), ("safe now", "completely safe", "perfectly safe")),
    *_each(("you will be", "you'll be"), ("safe",)),
    *_each(("nobody", "no one"), ("will", "will ever"), ("know", "find out", "learn")),
    *_each(("never", "not", "won't"), ("happen again", "happen to you again")),
    *(
        "that is a promise",
        "that's a promise",
        "is guaranteed",
        "are guaranteed",
        "rest assured",
        "zero tolerance",
        "justice is done",
        "justice will be done",
        "no matter what happens",
    ),
)
"""Promises about what the organisers will do (playbook lines 22 and 23)."""

_TELL = ("tell us", "give us", "send us", "answer", "reply", "respond", "write back", "get back to us", "let us know")
_POLICE = ("report", "press charges", "file a complaint", "go to the police", "call the police", "tell the police", "talk to the police")

PRESSURE = (
    *_each(("you",), ("must", "have to", "need to", "ought to", "have got to", "are required to", "are obliged to", "are expected to")),
    *_each(("you've got to", "you'd better", "you had better", "we need you to", "I need you to", "we expect you to", "I expect you to")),
    *_each(("you should",), _POLICE),
    *_each(("you should have",), ("told", "reported", "said", "written", "come", "called", "left")),
    *_each(("cannot", "can't", "won't", "will not"), ("act", "help", "help you", "do anything", "go on", "continue"), ("unless you",)),
    *_each(("nothing we can do", "nothing I can do"), ("unless you", "if you don't", "if you do not")),
    *_each(("unless you",), ("tell us who", "name", "give us")),
    *_each(("without a name", "without your name", "without names"), ("we cannot", "we can't", "there is nothing")),
    *_each(("are you sure you", "are you sure that you"), ("did not", "didn't", "have not", "haven't")),
    *_each(("have to", "need to"), ("close",), ("your", "the"), ("case", "report")),
    *("it is your duty", "it's your duty", "you owe it", "you gotta"),
    *_each(_TELL, ("as soon as possible", "immediately", "at once", "right away", "without delay")),
    *_each(("why did you not", "why didn't you", "why did you wait", "why haven't you", "why have you not", "why only now")),
)
"""Words that press a reporter to tell or to do something (playbook lines 25 to 34)."""

_SE = ("se", "ser", "sa", "ħa", "qed")
_NKECCU = ("nkeċċu", "inkeċċu", "nneħħu", "inneħħu", "nissospendu", "nikkastigaw", "nibbanjaw", "nipprojbixxu")
_THEM = ("", "h", "ha", "hom")
_JITKECCA = (
    *("jitkeċċa", "titkeċċa", "jitkeċċew", "jitneħħa", "titneħħa", "jitneħħew"),
    *_each(("jiġi", "ikun", "jkun"), ("mkeċċi", "mneħħi", "sospiż", "projbit", "pprojbit", "ibbanjat", "ikkastigat", "kkastigat")),
    *_each(("tiġi", "tkun"), ("mkeċċija", "mneħħija", "sospiża", "projbita", "pprojbita", "ibbanjata", "ikkastigata", "kkastigata")),
    *_each(
        ("jiġu", "ikunu", "jkunu"), ("mkeċċija", "mneħħija", "sospiżi", "projbiti", "pprojbiti", "ibbanjati", "ikkastigati", "kkastigati")
    ),
)

PROMISES_MT = (
    *_each(_SE, tuple(f"{verb}{whom}" for verb in _NKECCU for whom in _THEM)),
    *_each(_SE, _JITKECCA),
    *_each(("inwegħdek", "nwegħdek", "inwegħduk", "nwegħduk", "inwegħdukom", "nwegħdukom", "inwegħdkom", "nwegħdkom")),
    *_each(("din", "din hi", "din hija"), ("wegħda",)),
    *_each(("inwiegħed", "inwiegħdek", "nwiegħdek", "inwiegħdu", "inwiegħduk", "nwiegħduk", "inwiegħdukom", "nwiegħdukom")),
    *_each(("niggarantixxi", "niggarantixxu", "niggarantilek", "niggarantulek", "niggarantixxilek", "niggarantixxulek", "garantit")),
    *_each(("nassigurak", "nassigurawk", "nassigurakom", "nassigurawkom", "niżguraw li", "niżgura li", "naraw żgur li")),
    *_each(("mhux se", "mhux ser", "qatt ma", "ma"), ("jerġa' jiġri", "terġa' tiġri", "jerġax jiġri", "terġax tiġri")),
    *_each(("ħadd mhu se", "ħadd mhux se", "ħadd ma"), ("jkun jaf", "ikun jaf", "jsir jaf", "isir jaf")),
    *("int sikur issa", "inti sikur issa", "int sikura issa", "inti sikura issa", "tinsab fiċ-ċert", "nagħtik kelma", "nagħtuk kelma"),
)
"""The same promises in Maltese: we will expel, remove, suspend, punish, ban, or they will be; I promise, guarantee, assure; it will not happen again."""

_GHANDEK = ("għandek", "trid", "jeħtieġ", "jeħtieġlek", "hemm bżonn", "għandek bżonn", "kellek", "bilfors")
_TGHIDILNA = ("tgħidilna", "tagħtina", "tibgħatilna", "twieġeb", "twieġebna", "tirrispondi", "tirrapporta", "tagħmel rapport", "tmur għand")
_MA = ("ma nistgħux", "ma nistax")

PRESSURE_MT = (
    *_each(_GHANDEK, ("", "li"), (*_TGHIDILNA, "tmur il-pulizija", "ċċempel lill-pulizija", "tagħmel kwerela")),
    *_each(("irridu", "irrid", "neħtieġu", "għandna bżonn"), ("li",), _TGHIDILNA),
    *_each(("irridek", "irriduk"), _TGHIDILNA),
    *_each(("jekk ma",), ("twieġebx", "tweġibniex", "tirrispondix"), ("", "ikollna", "se"), ("nagħlqu",)),
    *_each(("int", "inti"), ("obbligat", "obbligata", "mistenni", "mistennija"), ("li",)),
    *_each(_MA, ("ngħinuk", "ngħinek", "naġixxu", "naġixxi", "nagħmlu xejn", "nagħmel xejn"), ("jekk ma", "sakemm ma", "mingħajr")),
    *_each(("għaliex", "għalfejn", "għala"), ("ma", "dan kollu"), ("għidtilniex", "għidtx", "rrappurtajtx", "irrappurtajtx", "domt")),
    *_each(("għaliex", "għalfejn", "għala"), ("domt", "stennejt", "issa biss")),
    *_each(
        ("wieġeb", "wieġebna", "irrispondi", "għidilna", "ibgħatilna"), ("kemm jista' jkun malajr", "malajr kemm jista' jkun", "minnufih")
    ),
)
"""The same pressure in Maltese: you must or should tell us, report, go to the police; we cannot help unless; why did you not; at once."""

STRENGTHENING = frozenset("absolutely certainly definitely honestly just please really simply surely truly assolutament verament".split())
"""Words that may stand anywhere in a phrase and make it stronger at most: “you really must”, “we will definitely ban”."""

FREEING = frozenset(
    "if whether when whenever whatever anything everything nothing something all what where unless feel mean means think no not"
    " jekk meta kull kollox dak x hux hix humiex nistax nistghux".split()
)
"""Words that take the edge off a phrase that follows them: “if you need to talk”, “anything you have to say”, “ma nistgħux inwiegħdu”."""

BETWEEN = frozenset("that as like though li".split())
"""Words that may stand between such a word and the phrase: “do not feel that you have to”. Between other words they free nothing."""

"""Names, references and tokens that nobody can guess and that come out the same when a unit of work is tried again.

All of them are derived from one random seed that is stored with the unit (architecture.md, "A pure `decide` that needs an
unknown number of names"), so that a retry makes byte-identical letters.
"""

import hashlib
import hmac
from base64 import b32encode
from dataclasses import dataclass

TOKEN_LENGTH = 26
"""Base32 letters of a token: 128 random bits and two of padding."""

REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L, U: read aloud or typed off a screen without a mistake."""

FIRST = """
amber ample autumn azure bright brisk broad calm candid civil clear clever cobalt copper coral cosy crisp curious dapper deep early eastern even
fair fern fine firm fleet fond fresh gentle glad golden good grand green hazel honest humble inner ivory jade jolly keen kind large level light lilac
lime linen little lively long lucid lunar maple marble mellow merry mild misty modest mossy neat new noble northern oaken ochre olive open orange pale
patient pearl plain pleasant plum polite prime proud quick quiet rapid ready ripe robust rosy round royal rustic sandy scarlet serene sharp
silken silver simple sincere slow smooth snowy soft solar solid southern spry stable steady still stone sturdy subtle sunny swift tall teal tender
tidy tranquil true upper valley velvet vivid warm wavy western white whole wide willow windy winter wise woven young zesty
""".split()

SECOND = """
acorn almond anchor apple arbor arch aspen atlas badge balcony bamboo bank barley basin bay beacon bell bench birch bloom bluff boat book bough bowl
branch bridge brook bush cabin candle canoe canyon canvas cape cedar cello chalk chart cherry citrus clay cliff cloud clover coast cove creek crest
crown dale dawn delta desk dock dome door dove dune eagle earth east echo elm ember falcon feather fence field fig finch fir flag flint flute forest
fountain garden gate glade glen grove gull harbour harp hazel heath hedge heron hill hollow house inlet iris island ivy juniper kettle kite lagoon lake lamp
lantern larch lark laurel leaf ledge lemon library lily linden lodge lotus loom lute map maple marsh meadow mill mint mirror moon moor moss mountain nest
oak oasis oat olive orchard otter owl palm paper park path peach pear pebble pier pillar pine plain planet plaza pond poplar porch port prairie quarry
quartz quay quill raft rain reef ridge river road robin rock roof rose row sage sail sand sea seed shelf shell shore sky slope snow song sparrow spring
spruce square star station stone stream street summit swan table tent terrace thistle thyme tide timber tower trail tree tulip valley vase vine violet walnut
water wave well wheat wharf willow wind window wood wren yard
""".split()


@dataclass(frozen=True, slots=True)
class Fresh:
    """The names of one unit of work; `seed` is 32 random bytes that were stored with it."""

    seed: bytes

    def token(self, label: str) -> str:
        """An unguessable token of 128 bits: 26 lower-case base32 letters."""
        return b32encode(self._bits("token", label)[:16]).decode("ascii").rstrip("=").lower()

    def code(self, number: int) -> str:
        """A ticket's code name: two neutral words that tell neither volume nor content. `number` counts the tries."""
        bits = self._bits("code", str(number))
        return f"{_pick(FIRST, bits[:8])}-{_pick(SECOND, bits[8:16])}"

    def reference(self, number: int) -> str:
        """What the reporter sees of a ticket, such as R-7K3QF."""
        bits = self._bits("reference", str(number))
        return "R-" + "".join(_pick(REFERENCE_LETTERS, bits[n * 4 : n * 4 + 4]) for n in range(5))

    def _bits(self, label: str, detail: str) -> bytes:
        return hmac.digest(self.seed, f"{label}|{detail}".encode(), hashlib.sha256)


def is_code(word: str) -> bool:
    """Whether a word has the form of a code name."""
    first, _, second = word.partition("-")
    return first in FIRST and second in SECOND


def _pick(choices: list[str] | str, bits: bytes) -> str:
    return choices[int.from_bytes(bits) % len(choices)]

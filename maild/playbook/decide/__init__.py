"""From what happened to what is to be done: the playbook's answer, as a list of effects and nothing else."""

from maild.playbook.decide.arrival import arrived
from maild.playbook.decide.delivery import settled
from maild.playbook.decide.numbering import numbered
from maild.playbook.decide.opening import NOBODY_MAY_SEE
from maild.playbook.decide.time import passed

__all__ = ["NOBODY_MAY_SEE", "arrived", "numbered", "passed", "settled"]

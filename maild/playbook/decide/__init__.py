"""From what happened to what is to be done: the playbook's answer, as a list of effects and nothing else."""

from maild.playbook.decide.arrival import arrived
from maild.playbook.decide.delivery import settled
from maild.playbook.decide.numbering import numbered
from maild.playbook.decide.terminal import by_operator
from maild.playbook.decide.time import passed

__all__ = ["arrived", "by_operator", "numbered", "passed", "settled"]

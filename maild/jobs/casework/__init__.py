"""From the inbox to tickets and letters: read a mail, decide, write the decision down. One mail, one transaction."""

from maild.jobs.casework.job import Casework

__all__ = ["Casework"]

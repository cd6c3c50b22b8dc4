"""Runs that take turns on a few threads, so that nobody waits long for somebody else's long run.

It knows nothing of networks and nothing of pages.
"""

from classifiers.turns.job import Job
from classifiers.turns.line import Turns, play
from classifiers.turns.run import Expect, Owner, Pace, Place, Rest, Together, paced

__all__ = ["Expect", "Job", "Owner", "Pace", "Place", "Rest", "Together", "Turns", "paced", "play"]

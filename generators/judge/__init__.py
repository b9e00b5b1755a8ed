"""Claims held against evidence: verdicts by rule, never by hand.

- :mod:`~generators.judge.report_file`: reads and checks ``docs/reports/*.toml``
- :mod:`~generators.judge.pointer`: looks a quantity up in the evidence document, with the kind of evidence it is
- :mod:`~generators.judge.comparators`: one value against what a claim says
- :mod:`~generators.judge.verdicts`: checks to a verdict
- :mod:`~generators.judge.flips`, :mod:`~generators.judge.state_changes`: what differs between two states of verdicts
- :mod:`~generators.judge.figures`: published error figures against measured ones
"""

from generators.judge.figures import compare_figures
from generators.judge.report_file import read_report
from generators.judge.verdicts import find_dangling_check, judge_claims, tally_verdicts

__all__ = ["compare_figures", "find_dangling_check", "judge_claims", "read_report", "tally_verdicts"]

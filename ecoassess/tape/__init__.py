"""A tape: array arithmetic recorded once and played again with other numbers.

The equations carry units and labels, which costs a few milliseconds each time they are evaluated,
however few numbers they hold. What they do to the numbers is always the same. `Recorded` arrays
stand in for numpy arrays inside pint and xarray, and note every operation on a tape
(`recording.py`); playing the tape is the same arithmetic without units and labels (`playing.py`),
with sums taken as early as they can be (`sums.py`). What does not hang on an input of the tape is
worked out while recording and stays as it is.
"""

from ecoassess.tape.playing import Player
from ecoassess.tape.recording import Recorded, Tape, TapeError, seen

__all__ = ["Player", "Recorded", "Tape", "TapeError", "seen"]

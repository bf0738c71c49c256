"""Asking in words: turns a text into a question of the catalog with its parameters.

The same text gives the same question: there is no network and no model in it. `parsing.py` cuts
a text into words (`text.py`) and finds what they name: periods (`dates.py` from `spans.py` from
`moments.py`), countries (`places.py`), packages and groups (`names.py`, `context.py`), and what
misspelled words may name (`guesses.py`). For each question `fitting.py` says what it would take of
that, with the values of its options (`options.py`), and `intent.py` how well the phrases by which
it is asked match (`vocabulary.py`). `reading.py` picks the best and says whether it is sure;
`pieces.py` tells the reader what each stretch of the text was taken to mean.

A question's prompt and its `words` are phrases; `phrases.csv` has many more of each, and those of
what no question is about. `words.csv`, `places.csv`, `names.csv` and `context.csv` hold the words
that all questions share.
"""

from lib.understanding.pieces import Piece
from lib.understanding.reading import Understood, understood
from lib.understanding.text import LONGEST_TEXT

__all__ = ["LONGEST_TEXT", "Piece", "Understood", "understood"]

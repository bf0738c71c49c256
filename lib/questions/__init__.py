"""Questions to the data: each is asked with parameters, and answered by a finding.

`question.py` says what a question is, `finding.py` what an answer is, `registry.py` finds the
modules of `catalog/`, one for each question.
"""

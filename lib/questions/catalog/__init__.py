"""The catalog: one module for each question, found by `lib.questions.registry`.

A module declares `QUESTION`; to add a question, add a file.
"""

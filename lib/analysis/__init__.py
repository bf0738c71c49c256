"""Statistics of downloads: pure functions from DataFrame to value or DataFrame.

Nothing here knows a store, a page or the record's breaks by name: `comparable.py` marks in which
stretch each period of a series lies, and everything else keeps to one stretch at a time.
"""

"""Shortcuts that nobody listed: nominated on one half of the rows, confirmed by edits on the other."""

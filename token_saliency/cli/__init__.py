"""The command line: one file per command, put together in `app.py`.

Nothing here decides anything: a command reads its options, calls the rooms below and prints. No module
imports torch at its top, so that `--help`, `list` and `render` answer at once.
"""

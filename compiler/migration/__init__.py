"""From one form of order to another, in the user's own files.

``said`` finds what says order now, ``forms`` how another form says it, ``edits`` what has to change in the texts, and
``migrate`` holds the result against what was there: a change is taken only where the order stays the same.
"""

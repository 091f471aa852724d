"""What is checked besides order: one file for each family of checks, each a pure function over what a template says.

To add a check: write a generator from a :class:`subject.Subject` to diagnostics and put it into the table in
``registry``, which merges what is found at one place. What is wrong in a script's text is told by its
:class:`reading.readings.Reading`, which finds a place for it that can be edited. The code needs a row in
``source/codes.py`` and a page in ``source/explain`` with a wrong and a right example, which the tests run. What can't
be known before apply is passed over; ``subject.mistake`` makes a warning of what only an input's default makes wrong.
"""

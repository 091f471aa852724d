"""The graph, a run and a simulation as text: one file for each form.

To add a drawing of graphs: write a file with a function from pictures (``picture``, what to draw) or graphs to text,
put it into the table in ``draw`` and its name into ``GraphFormat`` of the command line. Its quoting is its own, in one
function, and what it draws of the fixtures is held byte for byte. A timeline has its forms in ``commands.timeline``.
"""

"""The graph, a run and a simulation as text: one file for each form.

To add a drawing of graphs: write a file called like the form with a function ``to_FORM`` from pictures (``picture``,
what to draw) to text, and put the name into ``GraphFormat`` of the command line. Its quoting is its own, in one
function, and what it draws of the fixtures is held byte for byte. A timeline has its forms in ``commands.timeline``.
"""

"""The forms in which order is declared, one file each (a reader of its own beside it where reading takes much).

To add a form: write a file with a function from the inventory (and what was read) to :class:`claims.Collected`, each
claim with an ``Origin`` whose kind is a new row of ``model.OriginKind``; call it in ``order.find_order`` and add its
claims to ``explicit``, or to ``observed`` where the scripts wait by themselves. Claims meet those of the other forms in
``resolve``, so a form compares its own declarations only. A new code needs a row in ``source/codes.py`` and a page in
``source/explain``; a fixture shows the form, and README lists it under "Declaring order".
"""

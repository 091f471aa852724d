"""What a script says of itself, as the variables of its wrapper: fixed, or with the template's own expressions."""

from __future__ import annotations

from compiler.order.inventory import Script
from compiler.order.model import CONDUCT, KnownBody, conduct_values
from compiler.wiring.expressions import copied
from compiler.wiring.model import Copied

_VARIABLES = {"ready": "UNITC_PROBE", "unless": "UNITC_UNLESS"}


def said_variables(script: Script) -> tuple[tuple[str, str | Copied], ...] | None:
    """Return the variables, none where nothing is said; None where a call gives a command that isn't fixed.

    A command in the script's own block is repeated as it stands, since it may differ from instance to instance.
    """
    if not script.says:
        return ()
    values: dict[str, str | Copied] = dict(conduct_values(script.conduct))
    for said in script.said:
        command = script.conduct.ready if said.word == "ready" else script.conduct.unless
        if said.depth == len(script.place.path):
            values[_VARIABLES[said.word]] = copied(said.expression)
        elif command is not None and not isinstance(command, KnownBody):
            return None
    return tuple((name, values[name]) for name in CONDUCT)

"""What is said of units where there are none: by a block without scripts, or of a script that is no unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.order.directives.statements import Statements
from compiler.order.forms.depends_on import own_scripts
from compiler.order.forms.everyone import why_nothing
from compiler.order.inventory import Inventory
from compiler.source.diagnostics import Diagnostic, error
from compiler.terraform.configuration.module import Module, Resource

# These only ever bound what units do, so where there is none they are kept by themselves.
_BOUNDS = ("mutex", "gate_timeout")


def check_settings(inventory: Inventory, statements: Mapping[Module, Statements]) -> Iterator[Diagnostic]:
    """Yield an error for each directive that says how a unit is run and belongs to none."""
    for place in inventory.places:
        for (owner, argument), settings in statements[place.config.module].settings.items():
            scripts = own_scripts(inventory, place, owner)
            if argument:
                scripts = tuple(script for script in scripts if script.argument == argument)
            reason = why_nothing(inventory, place, owner, scripts)
            if argument and isinstance(owner, Resource) and owner.block.body.attribute(argument) is None:
                reason = f"{owner.address} has no {argument}"
            # What couldn't be read may be what is missing, and has been told.
            if reason is None or place.config.module.is_damaged(owner.blocks):
                continue
            for word, span in settings.spans.items():
                if word not in _BOUNDS:
                    yield error(
                        "UC214",
                        span,
                        "Nothing to apply it to",
                        f"{word} applies to nothing here: {reason}.",
                        help="move it into the block of a script that runs on start or on stop, or remove it",
                    )

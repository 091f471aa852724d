"""What the wiring takes from the script blocks of a module folder."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from compiler.hcl.syntax import Expression, Literal, Template
from compiler.order.model import Phase
from compiler.records import dataclass
from compiler.terraform.configuration.module import Module, Resource
from compiler.wiring.bodies import BlockBodies, ReadFile
from compiler.wiring.expressions import copied
from compiler.wiring.model import Copied, Occasion, Trigger, WiredRun
from compiler.wiring.sites import Site

# What each block of a script has, besides its text, its triggers and its timeout. Only a script that runs on start may
# block logins, and that one is the script's own block.
_SHARED: Final = ("agent_id", "depends_on", "display_name", "icon", "log_path", "provider")


# The argument of each occasion, in their order.
_ARGUMENTS: Final = {occasion: occasion.argument for occasion in Occasion}


def _is_off(expression: Expression) -> bool:
    """Return whether a trigger is written out as none."""
    if isinstance(expression, Template):
        return expression.literal == ""
    return isinstance(expression, Literal) and expression.value in (None, False)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The script blocks of one module folder."""

    module: Module
    read: ReadFile

    def resource(self, site: Site) -> Resource:
        """Return the block of a site, which must be one of this folder."""
        return self.module.resources[site.resource]

    def trigger(self, site: Site, phase: Phase) -> Trigger:
        """Return whether the agent runs a script in a phase.

        What isn't written out is left to Terraform, since a value that is known here may be an input's default.
        """
        if site.argument != "script":
            return (site.argument == "startup_script") is (phase is Phase.START)
        attribute = self.resource(site).block.body.attribute(f"run_on_{phase}")
        if attribute is None:
            return False
        if isinstance(attribute.expression, Literal):
            return bool(attribute.expression.value)
        return copied(attribute.expression)

    def body(self, site: Site) -> Copied:
        """Return the expression of a script's text."""
        return copied(self._body(site))

    def timeout(self, site: Site) -> Copied | None:
        """Return the expression of a script's timeout, None where it has none."""
        attribute = self.resource(site).block.body.attribute("timeout") if site.argument == "script" else None
        return None if attribute is None else copied(attribute.expression)

    def runs(self, site: Site, wrapped: Collection[str], name: Callable[[str], str]) -> tuple[WiredRun, ...]:
        """Return the occasions on which the agent runs a script; ``wrapped`` are those that it is wrapped for.

        ``name`` makes the wanted name of a further block one that is free.
        """
        if site.argument != "script":
            occasion = Occasion.START if site.argument == "startup_script" else Occasion.STOP
            return (WiredRun(occasion, Copied("true"), True, True, self.resource(site).name),)
        body, own = self.resource(site).block.body, self.resource(site).name
        runs: list[WiredRun] = []
        for occasion, argument in _ARGUMENTS.items():
            attribute = body.attribute(argument)
            if attribute is None or _is_off(attribute.expression):
                continue
            certain = isinstance(attribute.expression, Literal) or (
                occasion is Occasion.CRON and BlockBodies(self.module, self.read).never_empty(attribute.expression)
            )
            block = name(f"unitc_{own}_{occasion}") if runs else own
            runs.append(WiredRun(occasion, copied(attribute.expression), certain, occasion in wrapped, block))
        return tuple(runs)

    def shared(self, site: Site) -> tuple[tuple[str, Copied], ...]:
        """Return the arguments that every block of a script has."""
        body = self.resource(site).block.body
        found = ((name, body.attribute(name)) for name in _SHARED)
        return tuple((name, copied(attribute.expression)) for name, attribute in found if attribute is not None)

    def nested(self, site: Site) -> tuple[str, ...]:
        """Return the texts of the nested blocks that every block of a script has."""
        return tuple(block.span.text for block in self.resource(site).block.body.blocks)

    def never_empty(self, site: Site) -> bool:
        """Return whether a script's text is certainly neither null nor empty."""
        return BlockBodies(self.module, self.read).never_empty(self._body(site))

    def odd_interpreter(self, site: Site) -> bool:
        """Return whether the ``#!`` line of a script's text may have quotes or backslashes."""
        return BlockBodies(self.module, self.read).odd_interpreter(self._body(site))

    def _body(self, site: Site) -> Expression:
        attribute = self.resource(site).block.body.attribute(site.argument)
        assert attribute is not None, f"{site.resource} has no {site.argument}, so it is no script"
        return attribute.expression

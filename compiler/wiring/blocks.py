"""What the wiring takes from the block of a script."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from compiler.hcl.syntax import Attribute, Expression, Literal, Template
from compiler.order.model import Phase
from compiler.records import dataclass
from compiler.terraform.configuration.module import Module, Resource
from compiler.wiring.bodies import BlockBodies, BodyForm, ReadFile
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
class ScriptBlock:
    """The block of a script in its own module. ``body`` is the expression of the text, and ``form`` what that tells."""

    bodies: BlockBodies
    resource: Resource
    argument: str
    body: Expression
    form: BodyForm

    def _attribute(self, name: str) -> Attribute | None:
        """Return an argument that a coder_script has, and an agent's own script hasn't."""
        return self.resource.block.body.attribute(name) if self.argument == "script" else None

    def trigger(self, phase: Phase) -> Trigger:
        """Return whether the agent runs the script in a phase.

        What isn't written out is left to Terraform, since a value that is known here may be an input's default.
        """
        if self.argument != "script":
            return (self.argument == "startup_script") is (phase is Phase.START)
        attribute = self._attribute(f"run_on_{phase}")
        if attribute is None:
            return False
        if isinstance(attribute.expression, Literal):
            return bool(attribute.expression.value)
        return copied(attribute.expression)

    def timeout(self) -> Copied | None:
        """Return the expression of the script's timeout, None where it has none."""
        attribute = self._attribute("timeout")
        return None if attribute is None else copied(attribute.expression)

    def runs(self, wrapped: Collection[str], name: Callable[[str], str]) -> tuple[WiredRun, ...]:
        """Return the occasions on which the agent runs the script; ``wrapped`` are those that it is wrapped for.

        ``name`` makes the wanted name of a further block one that is free.
        """
        own, argument_of = self.resource.name, self.resource.block.body.attribute
        if self.argument != "script":
            occasion = Occasion.START if self.argument == "startup_script" else Occasion.STOP
            return (WiredRun(occasion, Copied("true"), True, True, own),)
        runs: list[WiredRun] = []
        for occasion, argument in _ARGUMENTS.items():
            attribute = argument_of(argument)
            if attribute is None or _is_off(attribute.expression):
                continue
            certain = isinstance(attribute.expression, Literal) or (
                occasion is Occasion.CRON and self.bodies.form(attribute.expression).never_empty
            )
            block = name(f"unitc_{own}_{occasion}") if runs else own
            runs.append(WiredRun(occasion, copied(attribute.expression), certain, occasion in wrapped, block))
        return tuple(runs)

    def shared(self) -> tuple[tuple[str, Copied], ...]:
        """Return the arguments that every block of the script has."""
        found = ((name, self.resource.block.body.attribute(name)) for name in _SHARED)
        return tuple((name, copied(attribute.expression)) for name, attribute in found if attribute is not None)

    def nested(self) -> tuple[str, ...]:
        """Return the texts of the nested blocks that every block of the script has."""
        return tuple([block.span.text for block in self.resource.block.body.blocks])


def script_block(module: Module, read: ReadFile, site: Site) -> ScriptBlock:
    """Return the block of a site, which must be one of the module's own scripts."""
    resource = module.resources[site.resource]
    attribute = resource.block.body.attribute(site.argument)
    assert attribute is not None, f"{site.resource} has no {site.argument}, so it is no script"
    bodies = BlockBodies(module, read)
    return ScriptBlock(bodies, resource, site.argument, attribute.expression, bodies.form(attribute.expression))

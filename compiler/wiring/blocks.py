"""What the wiring takes from the script blocks of a module folder."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.hcl.syntax import Expression, Literal
from compiler.order.model import Phase
from compiler.terraform.configuration.module import Module, Resource
from compiler.wiring.bodies import Bodies, ReadFile
from compiler.wiring.expressions import copied
from compiler.wiring.model import Copied, Trigger
from compiler.wiring.sites import Site

__all__ = ["Blocks"]


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

    def never_empty(self, site: Site) -> bool:
        """Return whether a script's text is certainly neither null nor empty."""
        return Bodies(self.module, self.read).never_empty(self._body(site))

    def _body(self, site: Site) -> Expression:
        attribute = self.resource(site).block.body.attribute(site.argument)
        assert attribute is not None, f"{site.resource} has no {site.argument}, so it is no script"
        return attribute.expression

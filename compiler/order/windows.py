"""Orders on Windows agents: there is no POSIX shell there that could run the launcher, so nothing can be ordered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.order.claims import Claim
from compiler.order.inventory import Runtime
from compiler.order.model import Origin
from compiler.source.diagnostics import Diagnostic, also, error, warning
from compiler.source.span import Span


def check_windows(claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """Yield an error for each order on an agent that runs Windows, and a warning for each agent that may."""
    orders: dict[Runtime, tuple[Span, set[Origin]]] = {}
    for claim in claims:
        runtime = claim.dependent.runtime
        assert runtime is not None
        if runtime.os_span is not None and runtime.os in (None, "windows"):
            orders.setdefault(runtime, (runtime.os_span, set()))[1].add(claim.origin)
    for runtime, (said, origins) in orders.items():
        places = sorted({origin.item.key: origin.item for origin in origins}.items())
        ordered = [span for _, span in places]
        if runtime.os == "windows":
            for span in ordered:
                yield error(
                    "UC219",
                    span,
                    "Order on a Windows agent",
                    f"{runtime.address} runs Windows, where the launcher can't run, so its scripts can't be ordered.",
                    related=[also(said, "runs Windows")],
                    help="remove the order, or let the scripts on Windows wait by themselves",
                )
        else:
            yield warning(
                "UC219",
                ordered[0],
                "Order on what may be a Windows agent",
                f"The operating system of {runtime.address} is not fixed; where it is windows the launcher can't run, "
                "and its scripts start all at once.",
                related=[also(said, "may be windows")],
                help='write os = "linux" where the agent never runs Windows',
            )

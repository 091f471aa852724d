"""The registry of diagnostic codes: one row a code. A code is never renumbered or used again.

Ranges: ``UC00x`` encoding and syntax of one file; ``UC01x`` reading a template; ``UC1xx`` declarations (``UC15x`` and
``UC16x`` expressions); ``UC2xx`` ordering; ``UC3xx`` script bodies; ``UC4xx`` output; ``UC8xx`` configuration and
suppressions; ``UC9xx`` internal.
Each code has a page ``compiler/explain/CODE.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CODES", "PEDANTIC"]

# code -> title, as lists and SARIF rules show it.
_ROWS = {
    "UC001": "File is not valid UTF-8 text",
    "UC002": "Syntax error",
    "UC003": "Unterminated string, heredoc, comment or template",
    "UC004": "File is too large or too deeply nested",
    "UC005": "Attribute or label defined twice",
    "UC011": "Module is not installed",
    "UC012": "Module can't be read",
    "UC013": "Declared twice in one module",
    "UC014": "Override without a base, or of what can't be overridden",
    "UC015": "JSON configuration declares what unitc reads",
    "UC016": "Wrong labels on a block",
    "UC017": "Value of a variable",
    "UC018": "Module manifest can't be read",
    "UC019": "Installed module isn't the one that the call names",
    "UC150": "Call of an unknown function",
    "UC151": "Wrong arguments in a function call",
    "UC152": "Operator on values that it doesn't take",
    "UC153": "Condition or its results don't fit",
    "UC154": "Attribute that a value doesn't have",
    "UC155": "Index that a value doesn't have",
    "UC156": "Value that can't stand in a template",
    "UC157": "Loop over something that isn't a collection",
    "UC158": "Unusable object key",
    "UC160": "File outside of the template's folder",
    "UC161": "File can't be read",
    "UC162": "Evaluation takes too much",
    "UC163": "Template can't be rendered",
    "UC165": "Name that stands for nothing",
    "UC101": "Count or for_each that can't be used",
    "UC102": "Value computed from itself",
    "UC103": "Argument that a block doesn't take",
    "UC104": "Nested block that a block doesn't take",
    "UC105": "Required argument is missing",
    "UC106": "Value of another type than the argument has",
    "UC107": "Script that nothing triggers",
    "UC108": "Login waits for a script that doesn't run on start",
    "UC109": "Cron expression that Coder refuses",
    "UC110": "Cron expression with five fields",
    "UC111": "Timeout that can't be used",
    "UC112": "Changes of an ordered script are ignored",
    "UC201": "Script waits for itself",
    "UC202": "Contradictory requirements",
    "UC203": "Scripts wait for each other",
    "UC204": "Reference to something undeclared",
    "UC205": "Reference or selector that can't be used",
    "UC206": "Instance that doesn't exist, or may not",
    "UC207": "Ordered script without exactly one phase",
    "UC208": "Rule over both phases",
    "UC209": "Rule over several agents",
    "UC210": "Agent of a script can't be found",
    "UC211": "Scripts of the other phase are left out",
    "UC212": "Orders creation only",
    "UC213": "Directive that says nothing",
    "UC214": "Directive that can order nothing",
    "UC215": "Too many ordered pairs",
    "UC216": "Rule can't be read",
    "UC217": "Waits for a name that nothing starts",
    "UC218": "Typed depends_on as an attribute",
    "UC219": "Order on a Windows agent",
    "UC301": "Script is too long",
    "UC302": "Scripts of an agent are too long together",
    "UC303": "NUL in a script",
    "UC310": "Script waits for a file of another one",
    "UC311": "Output of a module whose script may still run",
    "UC312": "Login waits for a script that doesn't block it",
    "UC313": "Login may wait for ever",
    "UC320": "Background process keeps the script's output open",
    "UC321": "Success of a script that can't fail",
    "UC322": "Wait that an order makes needless",
    "UC323": "Wait by hand",
    "UC324": "Package managers at the same time",
    "UC325": "Unit is completed though it never started",
    "UC326": "Failure of a start is ignored",
    "UC327": "Unit that is never completed",
    "UC328": "Two scripts start one unit",
    "UC329": "Waits for a unit that may never start",
    "UC330": "Needs bash, but runs under sh",
    "UC331": "Needs bash without saying so",
    "UC332": "Container that leaves stop scripts no time",
    "UC333": "Stop script that needs Coder's server",
    "UC334": "Fails from the second start on",
    "UC335": "Adds the same at every start",
    "UC336": "Never ends, but is waited for",
    "UC337": "File that two scripts write at the same time",
    "UC338": "Syntax error in a script",
    "UC339": "Error that ShellCheck finds",
    "UC340": "Warning of ShellCheck",
    "UC341": "Lock by hand",
    "UC342": "Command that another script installs",
    "UC343": "Start-up file read under set -u",
    "UC344": "Two scripts of one display name",
    "UC345": "Log in a folder that may not be there",
    "UC346": "Provider too old for the order",
    "UC410": "Order that can't be wired",
    "UC411": "Name that the wiring needs is taken",
    "UC412": "Override after the wiring's",
    "UC413": "Order would make a cycle in Terraform",
    "UC414": "Modules can't be wired in place",
    "UC415": "Symbolic links are left out of the copy",
    "UC416": "Copy is near Coder's limit",
    "UC417": "Script can't be split",
    "UC801": "Ignore that silences nothing",
    "UC802": "Ignore without a reason",
    "UC803": "Ignore without a known code",
}

CODES: Mapping[str, str] = MappingProxyType(_ROWS)

PEDANTIC: frozenset[str] = frozenset(
    {"UC323", "UC331", "UC335", "UC340", "UC341", "UC342", "UC343", "UC344", "UC345", "UC346"}
)
"""What is right on real templates less than 19 times of 20, or matters less: told with ``--pedantic`` only."""

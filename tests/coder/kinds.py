"""What the stand-in for the coder provider knows of each resource and data source, as tables.

The arguments and their defaults are those that the documentation of the coder provider states
(https://registry.terraform.io/providers/coder/coder/latest/docs), and so are the rules of what unitc writes: scripts
and orders. Every argument of a resource forces a new resource.
Nothing here knows how a provider is served.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import uuid4

__all__ = ["DATA_SOURCES", "RESOURCES", "Argument", "Blocks", "DataSource", "Resource", "cron_fields_fit"]

Type: TypeAlias = str | list[Any]
"""A type in Terraform's JSON notation: ``"string"``, ``["list", "string"]``, ``["object", {…}]``."""

Check: TypeAlias = Callable[[str, Any], str | None]
"""Takes an argument's name and its known value; returns what is wrong with it, or None."""

Environment: TypeAlias = Mapping[str, str]
Values: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. It is computed where it is neither required nor optional; ``default`` stands in for null."""

    type: Type
    required: bool = False
    optional: bool = False
    default: Any = None
    checks: tuple[Check, ...] = ()
    sensitive: bool = False

    @property
    def computed(self) -> bool:
        """Whether the provider may give a value that the configuration doesn't hold."""
        return self.default is not None or not (self.required or self.optional)


@dataclass(frozen=True, slots=True)
class Blocks:
    """A nested block type; ``most`` 0 sets no bound."""

    content: Mapping[str, Argument | Blocks]
    unordered: bool = False
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its content, what creating it refuses, and the values that creating it makes up."""

    content: Mapping[str, Argument | Blocks]
    refuse: Callable[[Values], str | None] = lambda values: None
    made: Callable[[], Values] = dict


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data source: its content, and the values that reading it yields."""

    content: Mapping[str, Argument | Blocks]
    read: Callable[[Values, Environment], Values]


def _required(type_: Type, *checks: Check) -> Argument:
    return Argument(type_, required=True, checks=checks)


def _optional(type_: Type, *checks: Check, default: Any = None) -> Argument:
    return Argument(type_, optional=True, default=default, checks=checks)


def _computed(type_: Type, *, sensitive: bool = False) -> Argument:
    return Argument(type_, sensitive=sensitive)


_ID: Final = {"id": _computed("string")}


def _at_least(least: int) -> Check:
    def check(name: str, value: Any) -> str | None:
        return None if value >= least else f"expected {name} to be at least ({least}), got {value}"

    return check


def _one_of(*allowed: str) -> Check:
    def check(name: str, value: Any) -> str | None:
        if value in allowed:
            return None
        return f"expected {name} to be one of {json.dumps(allowed)}, got {value}"

    return check


def _without_empty_strings(name: str, value: Any) -> str | None:
    if not value:
        return f"Attribute {name} requires 1 item minimum, but config has only 0 declared."
    return None if all(value) else f'expected "{name}" to not be an empty string'


# The six fields of a schedule, seconds first; the last one may be left out
# (https://pkg.go.dev/github.com/robfig/cron/v3).
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CRON_FIELDS: Final[tuple[tuple[int, int, Mapping[str, int]], ...]] = (
    (0, 59, {}),
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: index for index, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: index for index, name in enumerate(_WEEKDAYS)}),
)
_CRON_WORDS: Final = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})


def _cron_item_fits(item: str, low: int, high: int, names: Mapping[str, int]) -> bool:
    span, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    bounds = [names.get(bound.lower(), int(bound) if bound.isdecimal() else -1) for bound in span.split("-")]
    return len(bounds) <= 2 and all(low <= bound <= high for bound in bounds) and bounds == sorted(bounds)


def _cron(name: str, value: Any) -> str | None:
    if value in _CRON_WORDS or value.startswith("@every "):
        return None
    fields = value.split()
    if len(fields) not in (5, 6):
        return f"{value} is not a valid cron expression: expected 5 to 6 fields, found {len(fields)}: [{value}]"
    return None if cron_fields_fit(value) else f"{value} is not a valid cron expression: failed to parse {value}"


def cron_fields_fit(text: str) -> bool:
    """Return whether a text is a schedule of five or six fields, each within its bounds."""
    fields = text.split()
    return len(fields) in (5, 6) and all(
        _cron_item_fits(item, low, high, names)
        for field, (low, high, names) in zip(fields, _CRON_FIELDS, strict=False)
        for item in field.split(",")
    )


def _refuse_script(values: Values) -> str | None:
    if not (values["run_on_start"] or values["run_on_stop"] or values["cron"]):
        return 'at least one of "run_on_start", "run_on_stop", or "cron" must be set'
    if values["start_blocks_login"] and not values["run_on_start"]:
        return '"start_blocks_login" can only be set if "run_on_start" is "true"'
    return None


def _an_id() -> Values:
    return {"id": str(uuid4())}


def _agent() -> Values:
    return {**_an_id(), "token": str(uuid4()), "init_script": ""}


_FLAG_ON: Final = Argument("bool", optional=True, default=True)
_FLAG_OFF: Final = Argument("bool", optional=True, default=False)
_PERCENT: Final = _required("number")

RESOURCES: Final[Mapping[str, Resource]] = {
    "coder_agent": Resource(
        {
            **_ID,
            "arch": _required("string"),
            "os": _required("string"),
            "api_key_scope": _optional("string", default="all"),
            "auth": _optional("string", default="token"),
            "connection_timeout": _optional("number", default=120),
            "dir": _optional("string"),
            "env": _optional(["map", "string"]),
            "init_script": _computed("string"),
            "motd_file": _optional("string"),
            "order": _optional("number"),
            "shutdown_script": _optional("string"),
            "startup_script": _optional("string"),
            "startup_script_behavior": _optional("string", default="non-blocking"),
            "token": _computed("string", sensitive=True),
            "troubleshooting_url": _optional("string"),
            "display_apps": Blocks(
                {
                    "port_forwarding_helper": _FLAG_ON,
                    "ssh_helper": _FLAG_ON,
                    "vscode": _FLAG_ON,
                    "vscode_insiders": _FLAG_OFF,
                    "web_terminal": _FLAG_ON,
                },
                unordered=True,
                most=1,
            ),
            "metadata": Blocks(
                {
                    "display_name": _optional("string"),
                    "interval": _required("number"),
                    "key": _required("string"),
                    "order": _optional("number"),
                    "script": _required("string"),
                    "timeout": _optional("number"),
                }
            ),
            "resources_monitoring": Blocks(
                {
                    "memory": Blocks({"enabled": _required("bool"), "threshold": _PERCENT}, unordered=True, most=1),
                    "volume": Blocks(
                        {"enabled": _required("bool"), "path": _required("string"), "threshold": _PERCENT},
                        unordered=True,
                    ),
                },
                unordered=True,
                most=1,
            ),
        },
        made=_agent,
    ),
    "coder_agent_instance": Resource(
        {**_ID, "agent_id": _required("string"), "instance_id": _required("string")}, made=_an_id
    ),
    "coder_ai_task": Resource(
        {**_ID, "app_id": _optional("string"), "enabled": _computed("bool"), "prompt": _computed("string")},
        made=lambda: {**_an_id(), "enabled": False, "prompt": ""},
    ),
    "coder_app": Resource(
        {
            **_ID,
            "agent_id": _required("string"),
            "slug": _required("string"),
            "command": _optional("string"),
            "display_name": _optional("string"),
            "external": _optional("bool", default=False),
            "group": _optional("string"),
            "hidden": _FLAG_OFF,
            "icon": _optional("string"),
            "open_in": _optional("string", default="slim-window"),
            "order": _optional("number"),
            "share": _optional("string", default="owner"),
            "subdomain": _optional("bool"),
            "tooltip": _optional("string"),
            "url": _optional("string"),
            "healthcheck": Blocks(
                {"interval": _required("number"), "threshold": _required("number"), "url": _required("string")},
                unordered=True,
                most=1,
            ),
        },
        made=_an_id,
    ),
    "coder_devcontainer": Resource(
        {
            **_ID,
            "agent_id": _required("string"),
            "workspace_folder": _required("string"),
            "config_path": _optional("string"),
            "subagent_id": _computed("string"),
        },
        made=lambda: {**_an_id(), "subagent_id": str(uuid4())},
    ),
    "coder_env": Resource(
        {
            **_ID,
            "agent_id": _required("string"),
            "name": _required("string"),
            "merge_strategy": _optional("string", default="replace"),
            "value": _optional("string"),
        },
        made=_an_id,
    ),
    "coder_external_agent": Resource({**_ID, "agent_id": _required("string")}, made=_an_id),
    "coder_metadata": Resource(
        {
            **_ID,
            "resource_id": _required("string"),
            "daily_cost": _optional("number"),
            "hide": _optional("bool"),
            "icon": _optional("string"),
            "item": Blocks(
                {
                    "is_null": _computed("bool"),
                    "key": _required("string"),
                    "sensitive": _FLAG_OFF,
                    "value": _optional("string"),
                }
            ),
        },
        made=_an_id,
    ),
    "coder_script": Resource(
        {
            **_ID,
            "agent_id": _required("string"),
            "display_name": _required("string"),
            "script": _required("string"),
            "cron": _optional("string", _cron),
            "icon": _optional("string"),
            "log_path": _optional("string"),
            "run_on_start": _FLAG_OFF,
            "run_on_stop": _FLAG_OFF,
            "start_blocks_login": _FLAG_OFF,
            "timeout": _optional("number", _at_least(1), default=0),
        },
        refuse=_refuse_script,
        made=_an_id,
    ),
    # What stands beside scripts in templates. These belong to other providers, which the same process serves.
    "docker_container": Resource(
        {
            **_ID,
            "command": _optional(["list", "string"]),
            "entrypoint": _optional(["list", "string"]),
            "env": _optional(["list", "string"]),
            "hostname": _optional("string"),
            "image": _required("string"),
            "name": _required("string"),
            "volumes": Blocks({"container_path": _optional("string"), "volume_name": _optional("string")}),
        },
        made=_an_id,
    ),
    "docker_volume": Resource({**_ID, "name": _optional("string")}, made=_an_id),
    "null_resource": Resource({**_ID, "triggers": _optional(["map", "string"])}, made=_an_id),
}


def _transition(environment: Environment) -> str:
    return environment.get("CODER_WORKSPACE_TRANSITION", "start")


def _read_workspace(_: Values, environment: Environment) -> Values:
    transition = _transition(environment)
    prebuild = environment.get("CODER_WORKSPACE_IS_PREBUILD") == "true"
    return {
        "access_port": 443,
        "access_url": "https://coder.example.com",
        "id": environment.get("CODER_WORKSPACE_ID", "11111111-1111-1111-1111-111111111111"),
        "is_prebuild": prebuild,
        "is_prebuild_claim": environment.get("CODER_WORKSPACE_IS_PREBUILD_CLAIM") == "true",
        "name": environment.get("CODER_WORKSPACE_NAME", "default"),
        "prebuild_count": int(prebuild),
        "start_count": int(transition == "start"),
        "template_id": "22222222-2222-2222-2222-222222222222",
        "template_name": "template",
        "template_version": "1",
        "transition": transition,
    }


def _read_owner(_: Values, environment: Environment) -> Values:
    name = environment.get("CODER_WORKSPACE_OWNER", "default")
    return {
        "email": f"{name}@example.com",
        "full_name": name,
        "groups": [],
        "id": "33333333-3333-3333-3333-333333333333",
        "login_type": "password",
        "name": name,
        "oidc_access_token": "",
        "rbac_roles": [],
        "session_token": "",
        "ssh_private_key": "",
        "ssh_public_key": "",
    }


def parameter_variable(name: str) -> str:
    """Return the environment variable through which the value of a ``coder_parameter`` is given."""
    return f"CODER_PARAMETER_{name}"


def _read_parameter(values: Values, environment: Environment) -> Values:
    given = environment.get(parameter_variable(values["name"]), values["default"])
    return {
        "form_type": values["form_type"] or "input",
        "id": str(uuid4()),
        "optional": values["default"] is not None,
        "value": given or "",
    }


DATA_SOURCES: Final[Mapping[str, DataSource]] = {
    "coder_external_auth": DataSource(
        {"access_token": _computed("string", sensitive=True), "id": _required("string"), "optional": _optional("bool")},
        read=lambda values, environment: {"access_token": ""},
    ),
    "coder_parameter": DataSource(
        {
            **_ID,
            "name": _required("string"),
            "default": _optional("string"),
            "description": _optional("string"),
            "display_name": _optional("string"),
            "ephemeral": _FLAG_OFF,
            "form_type": _optional("string", default=""),
            "icon": _optional("string"),
            "mutable": _FLAG_OFF,
            "optional": _computed("bool"),
            "order": _optional("number"),
            "styling": _optional("string", default="{}"),
            "type": _optional("string", default="string"),
            "value": _computed("string"),
            "option": Blocks(
                {
                    "description": _optional("string"),
                    "icon": _optional("string"),
                    "name": _required("string"),
                    "value": _required("string"),
                }
            ),
            "validation": Blocks(
                {
                    "error": _optional("string"),
                    "max": _optional("number"),
                    "max_disabled": _computed("bool"),
                    "min": _optional("number"),
                    "min_disabled": _computed("bool"),
                    "monotonic": _optional("string"),
                    "regex": _optional("string"),
                },
                most=1,
            ),
        },
        read=_read_parameter,
    ),
    "coder_provisioner": DataSource(
        {**_ID, "arch": _computed("string"), "os": _computed("string")},
        read=lambda values, environment: {**_an_id(), "arch": "amd64", "os": "linux"},
    ),
    "coder_script_order": DataSource(
        {
            **_ID,
            "rule": Blocks(
                {
                    "after": _required(["list", "string"], _without_empty_strings),
                    "phase": _optional("string", _one_of("start", "stop")),
                    "requires": _optional("string", _one_of("success", "completion"), default="success"),
                    "run": _required(["list", "string"], _without_empty_strings),
                },
                least=1,
            ),
        },
        read=lambda values, environment: _an_id(),
    ),
    "coder_secret": DataSource(
        {
            **_ID,
            "env": _optional("string"),
            "file": _optional("string"),
            "help_message": _required("string"),
            "value": _computed("string", sensitive=True),
        },
        read=lambda values, environment: {**_an_id(), "value": ""},
    ),
    "coder_task": DataSource(
        {**_ID, "enabled": _computed("bool"), "prompt": _computed("string")},
        read=lambda values, environment: {**_an_id(), "enabled": False, "prompt": ""},
    ),
    "coder_workspace": DataSource(
        {
            "access_port": _computed("number"),
            "access_url": _computed("string"),
            "id": _computed("string"),
            "is_prebuild": _computed("bool"),
            "is_prebuild_claim": _computed("bool"),
            "name": _computed("string"),
            "prebuild_count": _computed("number"),
            "start_count": _computed("number"),
            "template_id": _computed("string"),
            "template_name": _computed("string"),
            "template_version": _computed("string"),
            "transition": _computed("string"),
        },
        read=_read_workspace,
    ),
    "coder_workspace_owner": DataSource(
        {
            "email": _computed("string"),
            "full_name": _computed("string"),
            "groups": _computed(["list", "string"]),
            "id": _computed("string"),
            "login_type": _computed("string"),
            "name": _computed("string"),
            "oidc_access_token": _computed("string", sensitive=True),
            "rbac_roles": _computed(["list", ["object", {"name": "string", "org_id": "string"}]]),
            "session_token": _computed("string", sensitive=True),
            "ssh_private_key": _computed("string", sensitive=True),
            "ssh_public_key": _computed("string"),
        },
        read=_read_owner,
    ),
    "coder_workspace_preset": DataSource(
        {
            **_ID,
            "default": _FLAG_OFF,
            "description": _optional("string"),
            "icon": _optional("string"),
            "name": _required("string"),
            "parameters": _optional(["map", "string"]),
            "prebuilds": Blocks({"instances": _required("number")}, unordered=True, most=1),
        },
        read=lambda values, environment: {"id": values["name"]},
    ),
    "coder_workspace_tags": DataSource(
        {**_ID, "tags": _optional(["map", "string"])}, read=lambda values, environment: _an_id()
    ),
}

"""The coder provider's schema, as data: what a block may hold, and what Terraform computes.

Source: the provider's documentation (https://registry.terraform.io/providers/coder/coder/latest/docs), provider 2.20.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compiler.records import dataclass, field, settle
from compiler.terraform.values.types import BOOL, NUMBER, STRING, ListType, MapType, Type


@dataclass(frozen=True, slots=True)
class Schema:
    """One resource type: arguments by name, those that are required, nested blocks, and computed attributes.

    ``former`` are the arguments that earlier versions of the provider took, and what to do instead.
    ``checked`` says that the wiring may override it, which hides it from Terraform's own checks: they are done here.
    """

    arguments: Mapping[str, Type]
    required: frozenset[str]
    blocks: frozenset[str]
    computed: Mapping[str, Type]
    former: Mapping[str, str] = field(default_factory=dict)
    checked: bool = True
    attributes: frozenset[str] = field(init=False)
    """The names by which expressions may refer to what a resource of the type holds."""

    def __post_init__(self) -> None:
        names = frozenset({*self.arguments, *self.blocks, *self.computed, *self.former})
        settle(self, "attributes", names)

    def takes(self, name: str) -> bool:
        """Return whether a block may set an argument, or earlier versions of the provider took it."""
        return name in self.arguments or name in self.former or name in ("count", "for_each")


# What every resource block takes besides its own arguments: Terraform's meta-arguments. A block ``_`` holds arguments
# whose names would be taken for those.
META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider"})
# What every module call takes besides the variables of its module.
MODULE_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})
LIFECYCLE_ARGUMENTS = frozenset({"create_before_destroy", "ignore_changes", "prevent_destroy", "replace_triggered_by"})
LIFECYCLE_BLOCKS = frozenset({"postcondition", "precondition"})
META_BLOCKS = frozenset({"_", "connection", "dynamic", "lifecycle", "provisioner"})

RESOURCES: Mapping[str, Schema] = MappingProxyType(
    {
        "coder_script": Schema(
            {
                **dict.fromkeys(("agent_id", "cron", "display_name", "icon", "log_path", "script"), STRING),
                **dict.fromkeys(("run_on_start", "run_on_stop", "start_blocks_login"), BOOL),
                "timeout": NUMBER,
            },
            frozenset({"agent_id", "display_name", "script"}),
            frozenset(),
            {"id": STRING},
        ),
        "coder_agent": Schema(
            {
                **dict.fromkeys(("api_key_scope", "arch", "auth", "dir", "motd_file", "os", "shutdown_script"), STRING),
                **dict.fromkeys(("startup_script", "startup_script_behavior", "troubleshooting_url"), STRING),
                **dict.fromkeys(("connection_timeout", "order"), NUMBER),
                "env": MapType(STRING),
            },
            frozenset({"arch", "os"}),
            frozenset({"display_apps", "metadata", "resources_monitoring"}),
            {"id": STRING, "init_script": STRING, "token": STRING},
            former={
                "login_before_ready": 'write startup_script_behavior = "non-blocking" for true, "blocking" for false',
                "shutdown_script_timeout": "remove it; a coder_script with run_on_stop and timeout can be bounded",
                "startup_script_timeout": "remove it; a coder_script with run_on_start and timeout can be bounded",
            },
        ),
        "coder_devcontainer": Schema(
            {"agent_id": STRING, "config_path": STRING, "workspace_folder": STRING},
            frozenset({"agent_id", "workspace_folder"}),
            frozenset(),
            {"id": STRING, "subagent_id": STRING},
            checked=False,
        ),
    }
)

# The attribute by which a script names what runs it.
AGENT_ID: Mapping[str, str] = MappingProxyType(
    {"coder_agent": "id", "coder_devcontainer": "subagent_id", "coder_subagent_execution": "subagent_id"}
)

# Attributes of data sources that have the same value in every build that runs scripts: stop scripts are run by the
# agent that the start build made.
FIXED_DATA: Mapping[tuple[str, str], int | str] = MappingProxyType(
    {("coder_workspace", "start_count"): 1, ("coder_workspace", "transition"): "start"}
)

# What the provider's data sources hold: its type, and a text as ``--set`` takes it that stands in for it where that is
# asked for, so that bodies can be shown and run without a workspace and its owner. An unknown whose type is known
# leaves more to be told of what is computed from it than one of any type.
DATA: Mapping[str, Mapping[str, tuple[Type, str | None]]] = MappingProxyType(
    {
        "coder_external_auth": dict.fromkeys(("access_token", "id"), (STRING, None)),
        "coder_parameter": dict.fromkeys(("display_name", "id", "name", "type", "value"), (STRING, None)),
        "coder_provisioner": dict.fromkeys(("arch", "id", "os"), (STRING, None)),
        "coder_workspace": {
            "access_port": (NUMBER, "443"),
            "access_url": (STRING, "https://coder.example.com"),
            "id": (STRING, "11111111-1111-4111-8111-111111111111"),
            "is_prebuild": (BOOL, "false"),
            "is_prebuild_claim": (BOOL, "false"),
            "name": (STRING, "workspace"),
            "prebuild_count": (NUMBER, "0"),
            "start_count": (NUMBER, None),
            "template_id": (STRING, "22222222-2222-4222-8222-222222222222"),
            "template_name": (STRING, "template"),
            "template_version": (STRING, "version"),
            "transition": (STRING, None),
        },
        "coder_workspace_owner": {
            "email": (STRING, "owner@example.com"),
            "full_name": (STRING, "Workspace Owner"),
            "groups": (ListType(STRING), "[]"),
            "id": (STRING, "33333333-3333-4333-8333-333333333333"),
            "login_type": (STRING, "password"),
            "name": (STRING, "owner"),
            "oidc_access_token": (STRING, "oidc-access-token"),
            "session_token": (STRING, "session-token"),
            "ssh_private_key": (STRING, "ssh-private-key"),
            "ssh_public_key": (STRING, "ssh-public-key"),
        },
    }
)

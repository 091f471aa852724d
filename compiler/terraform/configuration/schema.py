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
                "agent_id": STRING,
                "cron": STRING,
                "display_name": STRING,
                "icon": STRING,
                "log_path": STRING,
                "run_on_start": BOOL,
                "run_on_stop": BOOL,
                "script": STRING,
                "start_blocks_login": BOOL,
                "timeout": NUMBER,
            },
            frozenset({"agent_id", "display_name", "script"}),
            frozenset(),
            {"id": STRING},
        ),
        "coder_agent": Schema(
            {
                "api_key_scope": STRING,
                "arch": STRING,
                "auth": STRING,
                "connection_timeout": NUMBER,
                "dir": STRING,
                "env": MapType(STRING),
                "motd_file": STRING,
                "order": NUMBER,
                "os": STRING,
                "shutdown_script": STRING,
                "startup_script": STRING,
                "startup_script_behavior": STRING,
                "troubleshooting_url": STRING,
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

# What stands in for a workspace and its owner where that is asked for, so that bodies can be shown and run without
# either: texts as ``--set`` takes them.
STAND_INS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("coder_workspace", "access_port"): "443",
        ("coder_workspace", "access_url"): "https://coder.example.com",
        ("coder_workspace", "id"): "11111111-1111-4111-8111-111111111111",
        ("coder_workspace", "is_prebuild"): "false",
        ("coder_workspace", "is_prebuild_claim"): "false",
        ("coder_workspace", "name"): "workspace",
        ("coder_workspace", "prebuild_count"): "0",
        ("coder_workspace", "template_id"): "22222222-2222-4222-8222-222222222222",
        ("coder_workspace", "template_name"): "template",
        ("coder_workspace", "template_version"): "version",
        ("coder_workspace_owner", "email"): "owner@example.com",
        ("coder_workspace_owner", "full_name"): "Workspace Owner",
        ("coder_workspace_owner", "groups"): "[]",
        ("coder_workspace_owner", "id"): "33333333-3333-4333-8333-333333333333",
        ("coder_workspace_owner", "login_type"): "password",
        ("coder_workspace_owner", "name"): "owner",
        ("coder_workspace_owner", "oidc_access_token"): "oidc-access-token",
        ("coder_workspace_owner", "session_token"): "session-token",
        ("coder_workspace_owner", "ssh_private_key"): "ssh-private-key",
        ("coder_workspace_owner", "ssh_public_key"): "ssh-public-key",
    }
)

# The types of what the provider's data sources hold. An unknown whose type is known leaves more to be told of what is
# computed from it than one of any type.
DATA: Mapping[str, Mapping[str, Type]] = MappingProxyType(
    {
        "coder_external_auth": {"access_token": STRING, "id": STRING},
        "coder_parameter": {"display_name": STRING, "id": STRING, "name": STRING, "type": STRING, "value": STRING},
        "coder_provisioner": {"arch": STRING, "id": STRING, "os": STRING},
        "coder_workspace": {
            "access_port": NUMBER,
            "access_url": STRING,
            "id": STRING,
            "is_prebuild": BOOL,
            "is_prebuild_claim": BOOL,
            "name": STRING,
            "prebuild_count": NUMBER,
            "start_count": NUMBER,
            "template_id": STRING,
            "template_name": STRING,
            "template_version": STRING,
            "transition": STRING,
        },
        "coder_workspace_owner": {
            "email": STRING,
            "full_name": STRING,
            "groups": ListType(STRING),
            "id": STRING,
            "login_type": STRING,
            "name": STRING,
            "oidc_access_token": STRING,
            "session_token": STRING,
            "ssh_private_key": STRING,
            "ssh_public_key": STRING,
        },
    }
)

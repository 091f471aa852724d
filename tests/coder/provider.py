"""A stand-in for the coder provider: one process that serves Terraform's plugin protocol for as long as it is wanted.

``python -m tests.coder.provider FOLDER`` listens on the socket ``FOLDER/provider.sock``, says so by a line on stdout,
and ends when its standard input ends, so that it can't outlive the process that started it; FOLDER goes with it.
Terraform finds it through ``TF_REATTACH_PROVIDERS``. Data sources read the variables that the real provider would find
in its environment from ``FOLDER/environment.json``, anew each time, because one process serves many runs.

Like the real provider it refuses null for a required argument, which Terraform itself lets pass.
"""

# The method names are those of Terraform's plugin protocol.
# ruff: noqa: N802
# None of the libraries that speak the protocol comes with types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from msgpack.ext import ExtType
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.types import Unknown
from tf.utils import read_dynamic_value, to_dynamic_value

from tests.coder.kinds import DATA_SOURCES, RESOURCES, Argument, Blocks
from tests.coder.terraform import ENVIRONMENT, SOCKET

__all__: list[str] = []

Content = Mapping[str, Argument | Blocks]


def _is_known(value: Any) -> bool:
    # An unknown value about which Terraform knows something, such as its prefix, arrives as a bare extension type.
    if value is Unknown or isinstance(value, ExtType):
        return False
    if isinstance(value, list):
        return all(map(_is_known, value))
    if isinstance(value, dict):
        return all(map(_is_known, value.values()))
    return True


def _schema_block(content: Content) -> Any:
    nesting = pb.Schema.NestedBlock.NestingMode
    return pb.Schema.Block(
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(part.type).encode(),
                required=part.required,
                optional=part.optional,
                computed=part.computed,
                sensitive=part.sensitive,
            )
            for name, part in content.items()
            if isinstance(part, Argument)
        ],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=_schema_block(part.content),
                nesting=nesting.SET if part.unordered else nesting.LIST,
                min_items=part.least,
                max_items=part.most,
            )
            for name, part in content.items()
            if isinstance(part, Blocks)
        ],
    )


def _path(name: str) -> Any:
    return pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)])


def _error(summary: str, detail: str = "", name: str | None = None) -> Any:
    path = None if name is None else _path(name)
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary, detail=detail, attribute=path)


def _wrong(content: Content, values: Mapping[str, Any], top: str | None = None) -> Iterator[Any]:
    """Yield a diagnostic for each argument whose value the provider refuses; ``top`` is the outermost block."""
    for name, part in content.items():
        value = values[name]
        if isinstance(part, Blocks):
            for item in value if isinstance(value, list) else ():
                yield from _wrong(part.content, item, top or name)
        elif value is None:
            if part.required:
                detail = f'The argument "{name}" is required, but no definition was found.'
                yield _error("Missing required argument", detail, top or name)
        else:
            if _is_known(value):
                yield from (_error(text, name=top or name) for check in part.checks if (text := check(name, value)))


def _planned(content: Content, config: Mapping[str, Any], prior: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the planned values: the configured ones, else defaults, else what is there already, else unknown."""
    planned = {}
    for name, part in content.items():
        value = config[name]
        if isinstance(part, Blocks):
            if isinstance(value, list):
                value = [_completed(part.content, item) for item in value]
        elif value is None and part.default is not None:
            value = part.default
        elif value is None and part.computed:
            value = Unknown if prior is None else prior[name]
        planned[name] = value
    return planned


def _completed(content: Content, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return configured values with defaults, and null for what is computed."""
    return _planned(content, config, dict.fromkeys(content))


class _Servicer(rpc.ProviderServicer):  # type: ignore[misc]  # The protocol's classes come without types.
    """Answers Terraform, from the tables of :mod:`tests.coder.kinds`."""

    def __init__(self, environment: Path) -> None:
        self._environment = environment

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        def schema(content: Content) -> Any:
            return pb.Schema(version=1, block=_schema_block(content))

        return pb.GetProviderSchema.Response(
            provider=schema({"url": Argument("string", optional=True)}),
            resource_schemas={name: schema(kind.content) for name, kind in RESOURCES.items()},
            data_source_schemas={name: schema(kind.content) for name, kind in DATA_SOURCES.items()},
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        wrong = _wrong(RESOURCES[request.type_name].content, read_dynamic_value(request.config))
        return pb.ValidateResourceConfig.Response(diagnostics=list(wrong))

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        wrong = _wrong(DATA_SOURCES[request.type_name].content, read_dynamic_value(request.config))
        return pb.ValidateDataResourceConfig.Response(diagnostics=list(wrong))

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = to_dynamic_value(json.loads(request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=state)

    def ReadResource(self, request: Any, context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        config = read_dynamic_value(request.config)
        if config is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        content = RESOURCES[request.type_name].content
        prior = read_dynamic_value(request.prior_state)
        planned = _planned(content, config, prior)
        changed = [] if prior is None else [_path(name) for name in content if planned[name] != prior[name]]
        return pb.PlanResourceChange.Response(planned_state=to_dynamic_value(planned), requires_replace=changed)

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        planned = read_dynamic_value(request.planned_state)
        if planned is None:
            return pb.ApplyResourceChange.Response()
        kind = RESOURCES[request.type_name]
        if text := kind.refuse(planned):
            return pb.ApplyResourceChange.Response(diagnostics=[_error(text)])
        made = kind.made()
        state = {name: made.get(name) if value is Unknown else value for name, value in planned.items()}
        return pb.ApplyResourceChange.Response(new_state=to_dynamic_value(state))

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        kind = DATA_SOURCES[request.type_name]
        values = _completed(kind.content, read_dynamic_value(request.config))
        environment = json.loads(self._environment.read_text("utf-8"))
        return pb.ReadDataSource.Response(state=to_dynamic_value({**values, **kind.read(values, environment)}))


def _serve(folder: Path) -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=10))
    add: Callable[[Any, Any], None] = rpc.add_ProviderServicer_to_server
    add(_Servicer(folder / ENVIRONMENT), server)
    server.add_insecure_port(f"unix:{folder / SOCKET}")
    server.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop(grace=None)
    shutil.rmtree(folder)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))

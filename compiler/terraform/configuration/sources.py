"""Addresses of modules, as Terraform normalizes them before it writes them down in ``modules.json``.

Rules: https://developer.hashicorp.com/terraform/language/modules/sources. A source is a local folder, an address in a
registry, or something to be fetched; what can be read as an address in a registry is one. Shorthands are those of
GitHub and of SSH; which places other ones mean is left to Terraform.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from compiler.patterns import regex

_DEFAULT_HOST = "registry.terraform.io"
# Hosts that hold repositories, and are fetched from as such.
_NO_REGISTRIES = frozenset({"github.com", "bitbucket.org", "gitlab.com"})

_HOST = regex(r"[^\s/:@?#]*\.[^\s/:@?#]+(?::[0-9]+)?")
_NAME = regex(r"[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?")
_SYSTEM = regex(r"[0-9a-z]{1,64}")
_FORCED = regex(r"([A-Za-z0-9]+)::(.+)", re.DOTALL)
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]*:")
# USER@HOST:PATH, as scp and git have it.
_SSH = regex(r"(?:(?P<user>[^@]+)@)?(?P<host>[^:]+):/?(?P<path>.+)")


def is_local(source: str) -> bool:
    """Return whether a module's source is a folder beside the calling one rather than something to be installed.

    Source: https://developer.hashicorp.com/terraform/language/modules/sources#local-paths.
    """
    return source.startswith(("./", "../", ".\\", "..\\"))


def is_registry(source: str) -> bool:
    """Return whether a source is the address of a module in a registry, which is what may have a ``version``."""
    return not is_local(source) and _registry(source) is not None


def normal_source(source: str) -> str | None:
    """Return what ``modules.json`` holds for a source that isn't local, None where that isn't known here.

    ``coder/x/coder`` is ``registry.terraform.io/coder/x/coder``, ``github.com/a/b`` is
    ``git::https://github.com/a/b.git``.
    """
    return _registry(source) or _remote(source)


def _split_folder(source: str) -> tuple[str, str]:
    """Return a source without the folder that follows ``//``, and that folder; what follows ``?`` stays."""
    path, mark, query = source.partition("?")
    scheme = path.find("://")
    at = path.find("//", scheme + 3 if scheme >= 0 else 0)
    if at < 0:
        return source, ""
    folder = path[at + 2 :]
    return path[:at] + mark + query, posixpath.normpath(folder) if folder else ""


def _with_folder(package: str, folder: str) -> str:
    if not folder:
        return package
    path, mark, query = package.partition("?")
    return f"{path}//{folder}{mark}{query}"


def _registry(source: str) -> str | None:
    package, folder = _split_folder(source)
    *hosts, namespace, name, system = ["", "", *package.split("/")][-max(3, package.count("/") + 1) :]
    host = hosts[0].lower().removesuffix(":443") if hosts else _DEFAULT_HOST
    fits = (
        len(hosts) <= 1
        and _HOST.fullmatch(host)
        and host not in _NO_REGISTRIES
        and _NAME.fullmatch(namespace)
        and _NAME.fullmatch(name)
        and _SYSTEM.fullmatch(system)
        and not folder.startswith("../")
    )
    return _with_folder(f"{host}/{namespace}/{name}/{system}", folder) if fits else None


def _remote(source: str) -> str | None:
    package, folder = _split_folder(source)
    forced = _FORCED.fullmatch(package)
    kind, place = (forced[1], forced[2]) if forced else ("", package)
    if _SCHEME.match(place):
        return None if folder.startswith("../") else _with_folder(package, folder)
    found = next((made for detect in _SHORTHANDS if (made := detect(place))), None)
    if found is None:
        return None
    detected, place = found
    place, more = _split_folder(place)
    folder = posixpath.normpath(posixpath.join(more, folder)) if more or folder else ""
    if folder.startswith("../"):
        return None
    kind = kind or detected
    return _with_folder(f"{kind}::{place}" if kind else place, folder)


# Shorthands, which only Terraform's own names for them make places. Each returns how a thing is fetched, and its URL.


def _github(place: str) -> tuple[str, str] | None:
    path, mark, query = place.partition("?")
    steps = path.split("/")
    if steps[0] != "github.com" or len(steps) < 3:
        return None
    repository = "/".join(steps[:3]).removesuffix(".git")
    return "git", _with_folder(f"https://{repository}.git{mark}{query}", "/".join(steps[3:]))


def _git(place: str) -> tuple[str, str] | None:
    found = _SSH.fullmatch(place)
    if found is None or found["user"] != "git":
        return None
    path, mark, query = found["path"].partition("?")
    # Terraform writes the parameters in the order of their names here, and only here.
    query = urlencode(sorted(parse_qsl(query, keep_blank_values=True), key=lambda item: item[0]))
    return "git", f"ssh://git@{found['host']}/{path}" + (mark + query if query else "")


_SHORTHANDS: tuple[Callable[[str], tuple[str, str] | None], ...] = (_github, _git)

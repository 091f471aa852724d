"""What the command line asks ``unitc compile`` for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.commands.shared.console import Format, ReportFile, Usage
from compiler.output.target import Target
from compiler.records import dataclass

if TYPE_CHECKING:
    from compiler.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """What ``compile`` is to do with what it made. ``output`` is where the launcher goes, ``-`` for stdout.

    ``out_dir`` is the folder for a compiled copy of the whole template. ``target`` and ``launcher`` (whether
    ``launcher.sh`` is written) are None where the command line doesn't say them. ``arguments`` are those of the
    command line that say what is made, without those that say what is done with it. ``within`` stands before the
    names of a template's files in messages.
    """

    arguments: tuple[str, ...]
    output: str | None = None
    out_dir: str | None = None
    wire: bool = True
    target: Target | None = None
    launcher: bool | None = None
    check: bool = False
    diff: bool = False
    force: bool = False
    strict: bool = False
    form: Format = Format.TEXT
    reports: tuple[ReportFile, ...] = ()
    within: str = ""

    def command(self, *, force: bool) -> str:
        """Return the command that writes what is only compared now."""
        import shlex

        return shlex.join(["unitc", "compile", *(["--force"] if force else []), *self.arguments])

    @property
    def _launcher_only(self) -> str:
        return f"-o {self.output}" if self.output is not None else "--no-wire"

    def has_launcher(self, settings: Settings, *, usual: bool) -> bool:
        """Return whether the launcher is written; what isn't said is in a configuration, or else ``usual``."""
        if self.launcher is not None or self.output is not None or not self.wire:
            return self.launcher is not False
        return usual if settings.launcher is None else settings.launcher

    def hold_together(self) -> None:
        """Raise :class:`Usage` where two options don't go together."""
        if self.out_dir is not None and (self.output is not None or not self.wire):
            raise Usage("--out-dir makes a whole template; it can't be combined with -o or --no-wire")
        if self.launcher is False and (self.output is not None or not self.wire):
            raise Usage(f"--no-launcher leaves the launcher out; it can't be combined with {self._launcher_only}")
        if self.target not in (None, Target.LAUNCHER) and (self.output == "-" or not self.wire):
            raise Usage(
                f"{self._launcher_only} is about the launcher alone; it can't be combined with --target {self.target}"
            )
        if self.output == "-" and (self.check or self.diff):
            raise Usage("-o - prints the launcher; there is nothing on disk to compare it with")
        if self.form is not Format.TEXT and (self.output == "-" or self.diff):
            printed = "-o - prints the launcher" if self.output == "-" else "--diff prints what would change"
            raise Usage(f"{printed}, and --format {self.form} the diagnostics, to the same stream")

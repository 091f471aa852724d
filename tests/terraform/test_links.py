"""Files that are symbolic links are not there when Coder applies the template, so reading them is told."""

from __future__ import annotations

from pathlib import Path

from compiler.pipeline import Options, analyze
from compiler.terraform.configuration.files import DiskFiles


def _found(folder: Path) -> list[tuple[str, str, str]]:
    found = analyze(DiskFiles(folder), Options()).diagnostics
    return [(item.code, item.primary.span.source.name, item.primary.span.text) for item in found]


def test_a_call_that_reads_through_a_link_is_told(tmp_path: Path) -> None:
    (tmp_path / "real.sh").write_text("echo")
    (tmp_path / "link.sh").symlink_to("real.sh")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x.sh").write_text("echo")
    (tmp_path / "other").symlink_to("folder")
    (tmp_path / "main.tf").write_text(
        "locals {\n"
        '  a = file("${path.module}/link.sh")\n'
        '  b = file("real.sh")\n'
        '  c = templatefile("other/x.sh", {})\n'
        '  d = file("folder/x.sh")\n'
        "}\n"
    )
    assert _found(tmp_path) == [
        ("UC415", "main.tf", '"${path.module}/link.sh"'),
        ("UC415", "main.tf", '"other/x.sh"'),
    ]


def test_a_configuration_file_that_is_a_link_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "template"
    folder.mkdir()
    (tmp_path / "shared.tf").write_text("locals {\n  a = 1\n}\n")
    (folder / "main.tf").symlink_to("../shared.tf")
    assert _found(folder) == [("UC415", "main.tf", "")]

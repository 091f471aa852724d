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


def test_a_call_in_a_module_that_is_called_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "real.sh").write_text("echo")
    (tmp_path / "m" / "link.sh").symlink_to("real.sh")
    inner = 'variable "name" {}\nlocals {\n  a = file("${path.module}/link.sh")\n  b = file("m/${var.name}")\n}\n'
    (tmp_path / "m" / "main.tf").write_text(inner)
    call = 'module "%s" {\n  source = "./m"\n  name   = "%s.sh"\n}\n'
    (tmp_path / "main.tf").write_text(call % ("one", "link") + call % ("two", "real"))
    assert _found(tmp_path) == [
        ("UC415", "m/main.tf", '"${path.module}/link.sh"'),
        ("UC415", "m/main.tf", '"m/${var.name}"'),
    ]


def test_files_that_are_listed_through_a_link_are_told(tmp_path: Path) -> None:
    for name in ("real", "mixed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.sh").write_text("echo")
    (tmp_path / "mixed" / "y.sh").symlink_to("x.sh")
    (tmp_path / "other").symlink_to("real")
    texts = ('fileset("real", "*.sh")', 'fileset("other", "*.sh")', 'fileset("mixed", "*.sh")')
    lines = "".join(f"  {name} = {text}\n" for name, text in zip("abc", texts, strict=True))
    (tmp_path / "main.tf").write_text(f"locals {{\n{lines}}}\n")
    assert _found(tmp_path) == [("UC415", "main.tf", '"other"'), ("UC415", "main.tf", texts[2])]

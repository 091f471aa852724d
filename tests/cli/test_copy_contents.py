"""What a compiled copy holds, and what is wrong with it: everything that Coder takes, and the modules to be wired."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.harness import files_of, run


def test_an_order_into_a_registry_module_is_refused_with_the_way_out(template: Path, tmp_path: Path) -> None:
    before = files_of(template)
    ran = run("compile", "template", cwd=tmp_path)
    assert ran.code == 1
    assert "error[UC414]: Modules can't be wired in place" in ran.stderr
    assert "and push that: unitc compile template --out-dir DIR\n" in ran.stderr
    assert files_of(template) == before


def test_a_compiled_copy_holds_everything_that_coder_takes(template: Path, tmp_path: Path) -> None:
    before = files_of(template)
    ran = run("compile", "template", "--out-dir", "template/out", cwd=tmp_path)
    assert ran.code == 0
    assert "Coder's upload passes over symbolic links, and so does the copy: link.md." in ran.stderr
    copy = files_of(template / "out")
    assert set(copy) == {
        ".terraform.lock.hcl",
        ".unitc-copy",
        "launcher.sh",
        "main.tf",
        "unitc/gate.sh",
        "unitc/modules/clone/main.tf",
        "unitc/modules/clone/run.sh",
        "unitc/modules/clone/zz_unitc.tf",
        "unitc/modules/clone/zz_unitc_override.tf",
        "zz_unitc.tf",
        "zz_unitc_override.tf",
    }
    assert copy["main.tf"].decode() == (
        (template / "main.tf")
        .read_text()
        .replace('"registry.example.com/coder/git-clone/coder"', '"./unitc/modules/clone"')
        .replace('  version  = "1.0.0"\n', "")
        .replace("depends_on_completion = [\n    module.clone,\n  ]", "# unitc: depends_on_completion = [module.clone]")
    )
    assert os.access(template / "out" / "unitc" / "modules" / "clone" / "run.sh", os.X_OK)
    assert {name: data for name, data in files_of(template).items() if not name.startswith("out/")} == before
    # The copy is a template of its own, whose order is the same, and making it again changes nothing.
    graphs = [run("graph", path, "--format", "dot", cwd=tmp_path).stdout for path in ("template", "template/out")]
    assert graphs[0] == graphs[1]
    run("compile", "template", "--out-dir", "template/out", cwd=tmp_path)
    assert files_of(template / "out") == copy
    assert run("compile", "template", "--out-dir", "template/out", "--check", cwd=tmp_path).code == 0

"""What a compiled copy holds, and what is wrong with it: everything that Coder takes, and the modules to be wired."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.harness import compile_copy, files_of, run
from tests.terraform.binary import terraform


def test_an_order_into_a_registry_module_is_refused_with_the_way_out(template: Path, tmp_path: Path) -> None:
    before = files_of(template)
    ran = run("compile", "template", cwd=tmp_path)
    assert ran.code == 1
    assert "error[UC414]: Modules can't be wired in place" in ran.stderr
    assert "and push that: unitc compile template --out-dir DIR\n" in ran.stderr
    assert files_of(template) == before


def test_the_way_out_can_be_typed_as_it_is_named(template: Path, tmp_path: Path) -> None:
    template.rename(tmp_path / "my template")
    ran = run("compile", "my template", cwd=tmp_path)
    assert "and push that: unitc compile 'my template' --out-dir DIR\n" in ran.stderr


def test_a_compiled_copy_holds_everything_that_coder_takes(template: Path, tmp_path: Path) -> None:
    before = files_of(template)
    ran = run("compile", "template", "--out-dir", "template/out", cwd=tmp_path)
    assert ran.code == 0
    assert "Coder's upload passes over symbolic links, and so does the copy: link.md." in ran.stderr
    copy = files_of(template / "out")
    assert set(copy) == {
        ".terraform.lock.hcl",
        ".unitc-copy",
        "main.tf",
        "unitc/gate.sh",
        "unitc/modules/clone/main.tf",
        "unitc/modules/clone/run.sh",
        "unitc/modules/clone/zz_unitc.tf",
        "unitc/modules/clone/zz_unitc_override.tf",
        "unitc/status.sh",
        "zz_unitc.tf",
        "zz_unitc_override.tf",
    }
    assert copy["main.tf"].decode() == (
        (template / "main.tf")
        .read_text()
        .replace(
            '"registry.example.com/coder/git-clone/coder"',
            '"./unitc/modules/clone" # from registry.example.com/coder/git-clone/coder 1.0.0',
        )
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


def test_a_module_that_is_vendored_takes_no_place_that_is_taken(template: Path) -> None:
    taken = template / "unitc" / "modules" / "clone"
    taken.mkdir(parents=True)
    (taken / "mine.txt").write_text("mine\n")
    (template.parent / "beside").mkdir()
    (template.parent / "beside" / "main.tf").write_text("# beside\n")
    with (template / "main.tf").open("a") as stream:
        stream.write('\nmodule "clone_" {\n  source = "../beside"\n}\n')
    assert compile_copy(template).code == 0
    copy = files_of(template.parent / "out")
    assert copy["unitc/modules/clone/mine.txt"] == b"mine\n"
    assert "unitc/modules/clone_/main.tf" in copy
    assert b'"./unitc/modules/clone_" # from registry.example.com/coder/git-clone/coder 1.0.0 # kept' in copy["main.tf"]
    assert b'"./unitc/modules/clone__"\n' in copy["main.tf"]
    assert copy["unitc/modules/clone__/main.tf"] == b"# beside\n"


OTHER = '\nmodule "other" {\n  source   = "registry.example.com/coder/other/coder"\n  version  = "2.0.0"\n}\n'


def test_a_module_of_a_registry_that_no_order_reaches_is_left_to_terraform(template: Path) -> None:
    manifest = template / ".terraform" / "modules" / "modules.json"
    rows = json.loads(manifest.read_text())["Modules"]
    other = template / ".terraform" / "modules" / "other"
    other.mkdir()
    (other / "main.tf").write_text('output "x" {\n  value = 1\n}\n')
    source = {"Source": "registry.example.com/coder/other/coder", "Version": "2.0.0"}
    rows.append({"Key": "other", **source, "Dir": ".terraform/modules/other"})
    manifest.write_text(json.dumps({"Modules": rows}))
    (template / "main.tf").write_text((template / "main.tf").read_text() + OTHER)
    assert compile_copy(template).code == 0
    copy = template.parent / "out"
    assert (copy / "main.tf").read_text().endswith(OTHER)
    assert [path.name for path in (copy / "unitc" / "modules").iterdir()] == ["clone"]


def test_a_version_goes_from_overrides_too(template: Path) -> None:
    (template / "version_override.tf").write_text('module "clone" {\n  version = "1.0.0"\n}\n')
    assert compile_copy(template).code == 0
    copy = files_of(template.parent / "out")
    assert copy["version_override.tf"] == b'module "clone" {\n}\n'
    assert b"version" not in copy["main.tf"]


# The lines after a call's source, as somebody writes them before terraform fmt.
LINES = [
    'version = "1.0.0"\n\nagent_id = coder_agent.main.id',
    'version = "1.0.0"\nagent_id = coder_agent.main.id',
    'version = "1.0.0"\nurl = 1\n\nagent_id = coder_agent.main.id',
    '\nversion = "1.0.0"\nurl = 1\nagent_id = coder_agent.main.id',
    'version = "1.0.0"\na = {\nb = 1\n}\nurl = 1\nagent_id = coder_agent.main.id',
]


@pytest.mark.terraform
@pytest.mark.parametrize("lines", LINES)
def test_a_call_that_terraform_fmt_lets_pass_is_let_pass_in_the_copy(template: Path, lines: str) -> None:
    def formatted(text: str) -> str:
        return terraform(template, "fmt", "-", text=text).stdout

    before, opening, after = (template / "main.tf").read_text().partition('module "clone" {\n')
    source = 'source = "registry.example.com/coder/git-clone/coder"'
    text = before + opening + f"{source}\n{lines}\n}}\n" + after.partition("}\n")[2]
    (template / "main.tf").write_text(formatted(text))
    with (template / ".terraform" / "modules" / "clone" / "main.tf").open("a") as stream:
        stream.write("".join(f'variable "{name}" {{\n  default = null\n}}\n' for name in ("a", "url")))
    assert compile_copy(template).code == 0
    made = (template.parent / "out" / "main.tf").read_text()
    assert formatted(made) == made
    assert "version" not in made


def test_a_copy_says_where_its_modules_came_from(template: Path) -> None:
    assert compile_copy(template).code == 0
    copy = template.parent / "out"
    origin = "registry.example.com/coder/git-clone/coder 1.0.0"
    assert f'"./unitc/modules/clone" # from {origin} # kept\n' in (copy / "main.tf").read_text()
    assert json.loads((copy / ".unitc-copy").read_text())["modules"] == {"unitc/modules/clone": origin}


def test_a_module_behind_a_link_is_in_the_copy_and_not_among_the_links_left_out(template: Path) -> None:
    (template.parent / "linked").mkdir()
    (template.parent / "linked" / "main.tf").write_text("")
    (template / "linked").symlink_to("../linked")
    with (template / "main.tf").open("a") as stream:
        stream.write('\nmodule "linked" {\n  source = "./linked"\n}\n')
    ran = compile_copy(template)
    assert "so does the copy: link.md." in ran.stderr
    assert (template.parent / "out" / "unitc" / "modules" / "linked" / "main.tf").is_file()


def test_values_count_that_the_copy_does_not_hold(template: Path, tmp_path: Path) -> None:
    main = (template / "main.tf").read_text().replace('"echo install"', "var.ok ? var.text : file(var.text)")
    declared = 'variable "ok" {\n  type    = bool\n  default = false\n}\n\nvariable "text" {\n  default = "none"\n}\n'
    (template / "main.tf").write_text(f"{main}\n{declared}")
    (template / "terraform.tfvars").write_text("ok = true\n")
    (tmp_path / "given.json").write_text('{"text": "echo given"}\n')
    ran = compile_copy(template, "--launcher", "--var-file", "given.json")
    assert (ran.code, "error" in ran.stderr) == (0, False)
    assert "echo given" in (tmp_path / "out" / "launcher.sh").read_text()
    assert "terraform.tfvars" not in files_of(tmp_path / "out")
    assert compile_copy(template).code == 0
    (template / "terraform.tfvars").unlink()
    assert compile_copy(template).code == 1


def test_an_error_of_the_copy_alone_is_shown_where_the_template_has_its_cause(template: Path) -> None:
    (template / ".setup.sh").write_text("echo install\n")
    main = template / "main.tf"
    main.write_text(main.read_text().replace('"echo install"', 'file("${path.module}/.setup.sh")'))
    assert run("check", "template", cwd=template.parent).code == 0
    ran = compile_copy(template)
    line = next(number for number, text in enumerate(main.read_text().splitlines(), 1) if ".setup.sh" in text)
    assert ran.code == 1
    assert f"template/main.tf:{line}:" in ran.stderr
    assert f'{line} |   script       = file("${{path.module}}/.setup.sh")\n' in ran.stderr
    assert "help: the template itself has no such error; its copy lacks what Coder's upload leaves out" in ran.stderr
    assert not (template.parent / "out").exists()


def test_what_can_not_be_wired_in_the_copy_is_shown_in_the_template(template: Path) -> None:
    (template / "main.tf").write_text((template / "main.tf").read_text() + "\nlocals {\n  unitc_gate = 1\n}")
    ran = compile_copy(template, "--format", "json")
    (found,) = [item for item in json.loads(ran.stdout)["diagnostics"] if item["severity"] == "error"]
    text = (template / "main.tf").read_text()
    (label,) = found["labels"]
    assert (found["code"], label["file"]) == ("UC411", "main.tf")
    assert text.splitlines()[label["line"] - 1].startswith("  unitc_gate")
    # And what is wrong with a module, where that is installed.
    (template / "main.tf").write_text(text.replace("unitc_gate", "mine"))
    with (template / ".terraform" / "modules" / "clone" / "main.tf").open("a") as stream:
        stream.write('\nvariable "unitc" {\n  default = 1\n}\n')
    ran = compile_copy(template)
    assert (ran.code, "--> template/.terraform/modules/clone/main.tf:10:" in ran.stderr) == (1, True)


def test_a_typed_attribute_in_a_block_of_one_line_leaves_the_block_its_end(template: Path) -> None:
    main = template / "main.tf"
    main.write_text(main.read_text().partition("  depends_on_completion")[0] + "}\n")
    (template / "more_override.tf").write_text(
        'resource "coder_script" "install" { depends_on_completion = [module.clone] }\n'
    )
    assert compile_copy(template).code == 0
    assert (template.parent / "out" / "more_override.tf").read_text() == (
        'resource "coder_script" "install" { # unitc: depends_on_completion = [module.clone]\n }\n'
    )
    graphs = [run("graph", path, cwd=template.parent).stdout for path in ("template", "out")]
    assert graphs[0] == graphs[1] != ""


def test_a_place_in_a_directive_that_the_copy_has_for_an_attribute_is_that_of_the_attribute(template: Path) -> None:
    main = template / "main.tf"
    text = main.read_text().replace("coder_agent.main.id", "coder_agent.main[0].id") + 'variable "n" {}\n'
    main.write_text(text.replace('"main" {', '"main" {\n  count = var.n', 1))
    ran = compile_copy(template, "--format", "json")
    (found,) = [item for item in json.loads(ran.stdout)["diagnostics"] if item["severity"] == "error"]
    (label,) = found["labels"]
    lines = main.read_text().splitlines()[label["line"] - 1 : label["end_line"]]
    assert (found["code"], lines[0][label["column"] - 1 :]) == ("UC410", "depends_on_completion = [")
    assert (lines[1:-1], lines[-1][: label["end_column"] - 1]) == (["    module.clone,"], "  ]")

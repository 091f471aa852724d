"""The SARIF reporter: what code scanning services read.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Columns count code points.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from compiler import HOME, __version__
from compiler.report.form import DiagnosticForm, Findings, LabelForm, file_path
from compiler.source.codes import CODES, PEDANTIC
from compiler.source.pages import PAGES, as_markdown


def _location(template: str, label: LabelForm) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file_path(template, label["file"]))},
            "region": {
                "startLine": label["line"],
                "startColumn": label["column"],
                "endLine": label["end_line"],
                "endColumn": label["end_column"],
            },
        }
    }


def _result(diagnostic: DiagnosticForm, fingerprint: str, rules: list[str]) -> dict[str, Any]:
    primary, *related = diagnostic["labels"]
    text = "\n".join([f"{diagnostic['summary']}. {diagnostic['detail']}", *diagnostic["help"]])
    result: dict[str, Any] = {
        "ruleId": diagnostic["code"],
        "ruleIndex": rules.index(diagnostic["code"]),
        "level": diagnostic["severity"],
        "message": {"text": text},
        "locations": [_location(diagnostic["template"], primary)],
        # The one name that GitHub looks at, so that it needn't make its own from the file.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if related:
        result["relatedLocations"] = [
            {**_location(diagnostic["template"], label), "message": {"text": label["text"]}} for label in related
        ]
    return result


def _rule(code: str) -> dict[str, Any]:
    """Return what is known of a code: its title, and its page as help."""
    body = PAGES[code].read_text("utf-8").partition("\n\n")[2]
    first = " ".join(body.partition("\n\n")[0].split())
    return {
        "id": code,
        "name": _name(CODES[code]),
        "shortDescription": {"text": CODES[code]},
        "fullDescription": {"text": first},
        "help": {"text": body, "markdown": as_markdown(body)},
        "helpUri": HOME,
        # How often it is right, in the words that GitHub filters by.
        "properties": {"precision": "medium" if code in PEDANTIC else "high"},
    }


def _name(title: str) -> str:
    """Return a title as the stable identifier in Pascal case that SARIF asks for."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", title.replace("'", "")))


def to_sarif(findings: Findings) -> str:
    """Return a SARIF log with one run."""
    diagnostics = findings.report["diagnostics"]
    rules = sorted({diagnostic["code"] for diagnostic in diagnostics})
    pairs = zip(diagnostics, findings.fingerprints, strict=True)
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "unitc",
                        "semanticVersion": __version__,
                        "informationUri": HOME,
                        "rules": [_rule(code) for code in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(diagnostic, fingerprint, rules) for diagnostic, fingerprint in pairs],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"

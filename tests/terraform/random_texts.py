"""Calls of functions of texts, with arguments drawn at random; the draw is the same for the same seed."""

from __future__ import annotations

import random
import unicodedata

from compiler.terraform.values.go_text import go_quote
from tests.terraform.function_tables import cases

__all__ = ["DrawText", "literal", "mutated_yaml"]

LETTERS = "abc ☃é\u0301👨\u200d🇩\"<>&\n\t{}:#-'\\/,\r\u2028\u0130ßΣ\u0903\u0e33각ᄀ\u0600"
NUMBERS = (
    *("0", "1", "-1", "0.5", "1.5", "-2.25", "1e6", "999999", "999999.5", "1e21", "1e-5", "0.0001", "123456.789"),
    *("1/3", "-1/7", "2e30", '"12"', '"1.50"', "100", "255", "1e100", "0.1", 'length(["a"])'),
)
JSON_PARTS = (
    *("{", "}", "[", "]", '"a"', '"b"', ":", ",", "1", "-", "0", ".5", "e3", "true", "null", " ", "\n"),
    *('"\\u00e9"', '"\\ud800"', "x", '{"a":1}', "[1,2]"),
)
CSV_PARTS = ("a", "b", '"', '"', ",", ",", "\n", "\n", "\r", " ", '""', "é")
YAML_PLACES = ("[{}]", "{{ a = {} }}", "{}", "{{ ({}) = 1 }}", "[[{{ b = {} }}]]")


def literal(text: str) -> str:
    """Return the text as a string of Terraform's language."""
    return go_quote(text).replace("${", "$${").replace("%{", "%%{").replace("\\x", "\\u00")


class DrawText:
    """Draws calls."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, longest: int = 6) -> str:
        return literal("".join(self.random.choices(LETTERS, k=self.random.randint(0, longest))))

    def joined(self, parts: tuple[str, ...], longest: int) -> str:
        return "".join(self.random.choices(parts, k=self.random.randint(1, longest)))

    def number(self) -> str:
        return self.random.choice((*NUMBERS, str(self.random.randint(-(10**6), 10**6)), f"{self.random.random():.9f}"))

    def value(self, depth: int) -> str:
        kind = self.random.random()
        if depth == 0 or kind < 0.5:
            return self.random.choice((self.number(), self.text(), "true", "false", "null"))
        items = [self.value(depth - 1) for _ in range(self.random.randint(0, 3))]
        if kind < 0.75:
            return f"[{', '.join(items)}]"
        return f"{{ {', '.join(f'{self.text(3)} = {item}' for item in items)} }}"

    def format(self) -> str:
        args = []
        text = ""
        for _ in range(self.random.randint(1, 3)):
            letter = self.random.choice("vvdsqtfgeGExXobb")
            flags = "".join(self.random.choices("0#-+ ", k=self.random.choice((0, 0, 1, 1, 2))))
            width = self.random.choice(("", "", str(self.random.randint(1, 12))))
            precision = self.random.choice(("", "", ".", f".{self.random.randint(0, 8)}"))
            index = self.random.choice((*[""] * 8, "[1]", "[2]"))
            text += f"%{flags}{width}{precision}{index}{letter}{self.random.choice(('', '|', '%%', ' '))}"
            args.append(self.value(1) if letter in "vqs" else self.number())
        # Terraform doesn't know the answer to a null without a type.
        return f"format({literal(text)}, {', '.join('0' if arg == 'null' else arg for arg in args)})"

    def calls(self) -> list[str]:
        """Return a call of each kind."""
        pick = self.random
        text = self.text(9)
        line = literal(
            " ".join("".join(pick.choices(LETTERS, k=pick.randint(0, 9))) for _ in range(pick.randint(9, 30)))
        )
        return [
            self.format(),
            f"jsonencode({self.value(3)})",
            f"yamlencode({self.value(3)})",
            f"yamlencode({pick.choice(YAML_PLACES).format(line)})",
            f"jsondecode({literal(self.joined(JSON_PARTS, 9))})",
            f"csvdecode({literal('a,b' + chr(10) * pick.randint(0, 1) + self.joined(CSV_PARTS, 14))})",
            f"substr({text}, {pick.randint(-9, 9)}, {pick.randint(-3, 9)})",
            f"split({self.text(1)}, {text})",
            f"trim({text}, {self.text(3)})",
            f"replace({text}, {self.text(1)}, {self.text(2)})",
            *(f"{name}({text})" for name in ("upper", "lower", "strrev", "length", "trimspace", "urlencode", "chomp")),
            f"base64decode({literal(self.joined(tuple('YWJj4piD=/+ '), 9))})",
        ]


YAML_PARTS = (
    *list("abAB15 \t\n\n  --::,,[]{}'\"|>#&*!?%~<.+=@`\\"),
    *("\n  ", "\n- ", ": ", " #", "- ", "? ", "\n\n", "&x ", "*x", "!!str ", "!t ", "---\n", "\n...\n", "<<: ", "|-\n"),
    *(">\n  ", "\r\n", "é", "\u2028", ", ", '"a"', "'b'", "null", "true", "1.5", "0x1", "2020-01-01", "😀"),
)


def mutated_yaml(seed: int, count: int) -> list[str]:
    """Return calls of ``yamldecode`` with the texts of its table, damaged at random."""
    source = random.Random(seed)
    texts = [case.expression for case in cases("documents") if case.expression.startswith('yamldecode("')]
    found = []
    for _ in range(count):
        text = unescaped(source.choice(texts))
        for _ in range(source.randint(0, 4)):
            at = source.randint(0, len(text))
            cut = source.random() < 0.3
            text = text[:at] + (text[at + 1 :] if cut else source.choice(YAML_PARTS) + text[at:])
        found.append(f"yamldecode({literal(unicodedata.normalize('NFC', text))})")
    return found


def unescaped(call: str) -> str:
    """Return the text that a call of ``yamldecode`` with a plain string is given."""
    inner = call[len('yamldecode("') : call.rindex('"')]
    return (
        inner.encode("latin-1", "backslashreplace").decode("unicode_escape").replace("$${", "${").replace("%%{", "%{")
    )

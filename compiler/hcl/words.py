"""What syntax errors are called: in HashiCorp's words, so that a search finds what Terraform's users found.

Summaries and details are those of ``hclsyntax`` (https://github.com/hashicorp/hcl) wherever it has some.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from compiler.hcl.scan import EOF
from compiler.hcl.syntax import MAX_DEPTH
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, Label, error
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean

# How many errors of one file are reported.
MAX_PROBLEMS: Final = 100


@dataclass(frozen=True, slots=True)
class Words:
    """A diagnostic's summary and detail, and its code."""

    summary: str
    detail: str
    code: str = "UC002"
    help: str = ""

    def at(self, span: Span, related: Sequence[Label] = ()) -> Diagnostic:
        """Return the error for a place, in these words."""
        return error(self.code, span, self.summary, self.detail, related=related, help=self.help)


INVALID_EXPRESSION: Final = Words(
    "Invalid expression", "Expected the start of an expression, but found an invalid expression token."
)
INVALID_NUMBER: Final = Words("Invalid number literal", "Failed to recognize the value of this number literal.")
MISSING_FUNCTION_NAME: Final = Words(
    "Missing function name", "Function scope resolution symbol :: must be followed by a function name in this scope."
)
MISSING_OPEN_PARENTHESIS: Final = Words(
    "Missing open parenthesis",
    "Function selector must be followed by an open parenthesis to begin the function call.",
)
TOO_DEEP: Final = Words(
    "Nesting is too deep",
    f"Brackets, templates, chained operators and blocks may be nested {MAX_DEPTH} deep.",
    "UC004",
    "Split the expression up with locals.",
)
MISSING_EXPRESSION: Final = Words(
    "Missing expression", "Expected the start of an expression, but found the end of the file."
)
ATTRIBUTE_NAME: Final = Words("Invalid attribute name", "An attribute name is required after a dot.")
SPLAT_BRACKET: Final = Words(
    "Missing close bracket on splat index",
    'The star for a full splat operator must be immediately followed by a closing bracket ("]").',
)
CLOSING_PARENTHESIS: Final = Words(
    "Missing closing parenthesis",
    "An expanded function argument (with ...) must be immediately followed by closing parentheses.",
)

# After an operand, outside of all brackets, by what the expression is a part of.
_NEWLINE = "An argument definition must end with a newline."
_SINGLE = "Invalid single-argument block definition"
OUTSIDE: Final = {
    "argument": Words("Missing newline after argument", _NEWLINE),
    "one-line block": Words(
        _SINGLE,
        "A single-line block definition must end with a closing brace immediately after its single argument "
        "definition.",
    ),
    "expression": Words(
        "Extra characters after expression",
        "An expression was successfully parsed, but extra characters were found after it.",
    ),
}
COMMA_OUTSIDE: Final = {
    "argument": Words(
        "Unexpected comma after argument",
        f"Argument definitions must be separated by newlines, not commas. {_NEWLINE}",
    ),
    "one-line block": Words(
        _SINGLE,
        "Single-line block syntax can include only one argument definition. To define multiple arguments, use the "
        "multi-line block syntax with one argument definition per line.",
    ),
}

# After an operand, in an object.
ATTRIBUTE_SEPARATOR: Final = Words(
    "Missing attribute separator", "Expected a newline or comma to mark the beginning of the next attribute."
)
ATTRIBUTE_VALUE: Final = Words(
    "Missing attribute value", 'Expected an attribute value, introduced by an equals sign ("=").'
)
_EQUALS = 'Expected an equals sign ("=") to mark the beginning of the attribute value.'
KEY_SEPARATOR: Final = Words("Missing key/value separator", _EQUALS)
KEY_SEPARATOR_BEFORE_NAME: Final = Words(
    "Missing key/value separator",
    f"{_EQUALS} If you intended to given an attribute name containing periods or spaces, write the name in quotes to "
    "create a string literal.",
)

# In a ``for`` expression.
_FOR = "Invalid 'for' expression"
FOR_NAME: Final = Words(_FOR, "For expression requires variable name after 'for'.")
FOR_VALUE_NAME: Final = Words(_FOR, "For expression requires value variable name after comma.")
FOR_KEY: Final = Words(_FOR, "Key expression is required when building an object.")
EXTRA_AFTER_FOR: Final = Words(_FOR, "Extra characters after the end of the 'for' expression.")
_FOR_IN = Words(_FOR, "For expression requires the 'in' keyword after its name declarations.")
FOR_AFTER: Final = {
    "FOR": _FOR_IN,
    "COMMA": _FOR_IN,
    "IN": Words(_FOR, "For expression requires a colon after the collection expression."),
}
NOT_IN_TUPLE_FOR: Final = {
    "FOR_OBJECT_ARROW": Words(_FOR, "Key expression is not valid when building a tuple."),
    "ELLIPSIS": Words(_FOR, "Grouping ellipsis (...) cannot be used when building a tuple."),
}

# In a template.
DIRECTIVE: Final = Words(
    "Invalid template directive",
    'A template directive keyword ("if", "for", etc) is expected at the beginning of a %{ sequence.',
)
_FOR_DIRECTIVE = "Invalid 'for' directive"
FOR_DIRECTIVE_NAME: Final = Words(_FOR_DIRECTIVE, "For directive requires variable name after 'for'.")
FOR_DIRECTIVE_VALUE_NAME: Final = Words(_FOR_DIRECTIVE, "For directive requires value variable name after comma.")
FOR_DIRECTIVE_IN: Final = Words(_FOR_DIRECTIVE, "For directive requires 'in' keyword after names.")
_EXTRA_IN_INTERPOLATION = "Extra characters after interpolation expression"
COLON_IN_INTERPOLATION: Final = Words(
    _EXTRA_IN_INTERPOLATION,
    "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to "
    'be processed as part of another language? If so, you can escape it by starting with "$${" instead of just "${".',
    help='write "$${" for a "${" that the script is to see',
)
EXTRA_IN_INTERPOLATION: Final = Words(
    _EXTRA_IN_INTERPOLATION,
    "Expected a closing brace to end the interpolation expression, but found extra characters. This can happen when "
    "you include interpolation syntax for another language, such as shell scripting, but forget to escape the "
    "interpolation start token. If this is an embedded sequence for another language, escape it by starting with "
    '"$${" instead of just "${".',
    help='write "$${" for a "${" that the script is to see',
)

# What each bracket is called in a label.
NAMES: Final = {
    "parentheses": "parenthesis",
    "function call": "function call",
    "tuple": "tuple",
    "index": "index",
    "tuple for": "'for' expression",
    "object": "object",
    "object for": "'for' expression",
    "conditional": "conditional",
    "interpolation": "interpolation",
    "directive": "directive",
    "string": "string",
    "heredoc": "heredoc",
}

_CONDITIONAL = Words(
    "Missing false expression in conditional",
    "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
)
_PARENTHESES = Words("Unbalanced parentheses", "Expected a closing parenthesis to terminate the expression.")
_INDEX = Words("Missing close bracket on index", 'The index operator must end with a closing bracket ("]").')
_NESTING = "before the end of the file. This may be caused by incorrect {} nesting elsewhere in this file."
_BRACKET = f"There is no corresponding closing bracket {_NESTING.format('bracket')}"
_BRACE = f"There is no corresponding closing brace {_NESTING.format('brace')}"
_UNTERMINATED_TEMPLATE = Words("Unterminated template string", "No closing marker was found for the string.", "UC003")

AFTER_OPERAND: Final = {
    "parentheses": _PARENTHESES,
    "function call": Words(
        "Missing argument separator", "A comma is required to separate each function argument from the next."
    ),
    "tuple": Words("Missing item separator", "Expected a comma to mark the beginning of the next item."),
    "index": _INDEX,
    "conditional": _CONDITIONAL,
}
# What is still open where the file ends.
UNCLOSED: Final = {
    "parentheses": _PARENTHESES,
    "function call": Words(
        "Unterminated function call",
        f"There is no closing parenthesis for this function call {_NESTING.format('parenthesis')}",
    ),
    "tuple": Words("Unterminated tuple constructor expression", _BRACKET),
    "tuple for": Words("Unterminated 'for' expression", _BRACKET),
    "index": _INDEX,
    "object": Words("Unterminated object constructor expression", _BRACE),
    "object for": Words("Unterminated 'for' expression", _BRACE),
    "conditional": _CONDITIONAL,
    "interpolation": Words(
        "Unclosed template interpolation sequence",
        "There is no closing brace for this interpolation sequence before the end of the file. This might be caused "
        "by incorrect nesting inside the given expression.",
        "UC003",
        'write "$${" for a "${" that the script is to see',
    ),
    "directive": Words(
        "Unclosed template directive",
        "There is no closing brace for this directive before the end of the file.",
        "UC003",
    ),
    "string": _UNTERMINATED_TEMPLATE,
    "heredoc": _UNTERMINATED_TEMPLATE,
    "template": _UNTERMINATED_TEMPLATE,
}

# In a body.
UNCLOSED_BLOCK: Final = Words(
    "Unclosed configuration block",
    "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace "
    "nesting elsewhere in this file.",
)
QUOTED_ARGUMENT: Final = Words("Invalid argument name", "Argument names must not be quoted.")
_ITEM = "Argument or block definition required"
_ITEM_HERE = "An argument or block definition is required here."
ITEM_REQUIRED: Final = Words(_ITEM, _ITEM_HERE)
EQUALS_REQUIRED: Final = Words(
    _ITEM, f'{_ITEM_HERE} To set an argument, use the equals sign "=" to introduce the argument value.'
)
_BLOCK = "Invalid block definition"
BLOCK_WITH_EQUALS: Final = Words(
    _BLOCK, 'The equals sign "=" indicates an argument definition, and must not be used when defining a block.'
)
BLOCK_WITHOUT_BRACE: Final = Words(
    _BLOCK,
    'A block definition must have block content delimited by "{" and "}", starting on the same line as the block '
    "header.",
)
BLOCK_HEADER: Final = Words(_BLOCK, 'Either a quoted string block label or an opening brace ("{") is expected here.')
NEWLINE_AFTER_BLOCK: Final = Words(
    "Missing newline after block definition", "A block definition must end with a newline."
)
SINGLE_NEWLINE: Final = Words(
    _SINGLE,
    "An argument definition on the same line as its containing block creates a single-line block definition, which "
    "must also be closed on the same line. Place the block's closing brace immediately after the argument definition.",
)
UNTERMINATED_LABEL: Final = Words(
    "Unterminated string literal", "Unable to find the closing quote mark before the end of the file.", "UC003"
)
UNTERMINATED_COMMENT: Final = Words(
    "Unterminated comment", 'There is no "*/" for this comment before the end of the file.', "UC003"
)

# In a traversal that stands alone.
VARIABLE_NAME: Final = Words("Variable name required", "Must begin with a variable name.")
ATTRIBUTE_AFTER_DOT: Final = Words("Attribute name required", "Dot must be followed by attribute name.")
NO_ATTRIBUTE_SPLAT: Final = Words("Attribute name required", "Splat expressions (.*) may not be used here.")
NO_INDEX_SPLAT: Final = Words("Attribute name required", "Splat expressions ([*]) may not be used here.")
INDEX_VALUE: Final = Words(
    "Index value required", "Index brackets must contain either a literal number or a literal string."
)
UNCLOSED_INDEX: Final = Words("Unclosed index brackets", "Index key must be followed by a closing bracket.")
NO_STEP: Final = Words("Invalid character", "Expected an attribute access or an index operator.")


def in_quotes(kind: str, text: str) -> Words:
    """Return the words for a token that may not stand in a string without templates."""
    if text[:2] in ("${", "%{"):
        return template_in_label(text[0])
    return UNTERMINATED_LABEL if kind == EOF else Words("Invalid string literal", "This item is not valid here.")


def template_in_label(sign: str) -> Words:
    """Return the words for ``${`` or ``%{`` in a block's label."""
    return Words(
        "Invalid string literal",
        f'Template sequences are not allowed in this string. To include a literal "{sign}", double it (as '
        f'"{sign}{sign}") to escape it.',
    )


def single_line_block(name: str) -> Words:
    """Return the words for a block inside a block on one line."""
    return Words(
        "Argument definition required",
        "A single-line block definition can contain only a single argument. If you meant to define argument "
        f'"{name}", use an equals sign to assign it a value. To define a nested block, place it on a line of its own '
        "within its parent block.",
    )


def extra_in_directive(keyword: str) -> Words:
    """Return the words for what stands after a directive's own words."""
    return Words(
        f"Extra characters in {keyword} marker",
        "Expected a closing brace to end the sequence, but found extra characters.",
    )


_DIRECTIVES: Final = ("if", "for", "else", "endif", "endfor")

_BITWISE = "Bitwise operators are not supported."
_CHARACTERS: Final = {
    "&": Words("Unsupported operator", f'{_BITWISE} Did you mean boolean AND ("&&")?'),
    "|": Words("Unsupported operator", f'{_BITWISE} Did you mean boolean OR ("||")?'),
    "~": Words("Unsupported operator", f'{_BITWISE} Did you mean boolean NOT ("!")?'),
    "^": Words("Unsupported operator", _BITWISE),
    "`": Words(
        "Invalid character",
        'The "`" character is not valid. To create a multi-line string, use the "heredoc" syntax, like "<<EOT".',
    ),
    "'": Words("Invalid character", 'Single quotes are not valid. Use double quotes (") to enclose strings.'),
    ";": Words(
        "Invalid character",
        'The ";" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items '
        "in collection values.",
    ),
}
_CURLY_QUOTES = Words(
    "Invalid character",
    '"Curly quotes" are not valid here. These can sometimes be inadvertently introduced when sharing code via '
    'documents or discussion forums. It might help to replace the character with a "straight quote".',
)
_UNUSED_CHARACTER = Words("Invalid character", "This character is not used within the language.")
_MULTI_LINE_STRING = Words(
    "Invalid multi-line string",
    "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape "
    'to represent a newline character or use the "heredoc" multi-line template syntax.',
    "UC003",
)


_HEREDOC_OPENING = regex(
    r"<<(?P<dash>[-~]?)(?P<blank>[ \t]*)(?P<late>-?)(?P<quote>['\"\\]?)(?P<marker>[\w-]+)"
    r"(?P<closing>['\"]?)(?P<rest>.*)",
    re.DOTALL,
)


def mistaken_heredoc(opening: str) -> Words:
    """Return the words for the opening of a heredoc as other languages spell it."""
    found = _HEREDOC_OPENING.fullmatch(opening)
    assert found is not None
    right = f"<<{'-' * bool(found['dash'] or found['late'])}{found['marker']}"
    help_ = f"write {right}"
    if found["quote"]:
        without = "a backslash" if found["quote"] == "\\" else "quotes"
        detail = f"The marker of a heredoc stands without {without}."
        help_ += ', and "$${" for a "${" that the script is to see'
    elif found["dash"] == "~":
        detail = 'A heredoc starts with "<<" or "<<-".'
    elif found["blank"] or found["late"]:
        detail = f'The marker of a heredoc follows "{right[: -len(found["marker"])]}" without a blank.'
    elif found["rest"].strip():
        detail = "The marker of a heredoc is the last thing on its line."
        help_ += f", and what follows it behind the line that ends the heredoc with {found['marker']}"
    else:
        detail = "The marker of a heredoc ends its line, without a blank behind it."
        help_ += ", and remove the blank behind it"
    return Words("Invalid heredoc marker", detail, help=help_)


def of_invalid(text: str) -> Words:
    """Return the words for characters that are no token."""
    if "\n" in text:
        return _MULTI_LINE_STRING
    if text in "“”":
        return _CURLY_QUOTES
    return _CHARACTERS.get(text, _UNUSED_CHARACTER)


def legacy_index(number: str) -> Words:
    """Return the words for ``a.0.1``, where the scanner takes ``0.1`` for one number."""
    first, _, second = number.partition(".")
    return Words(
        "Invalid legacy index syntax",
        "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index "
        f"syntax instead, like [{first}][{second}].",
    )


def directive_keyword(word: str) -> Words:
    """Return the words for an unknown keyword after ``%{``."""
    near = did_you_mean(word, _DIRECTIVES)
    meant = f' Did you mean "{near}"?' if near else ""
    return Words("Invalid template control keyword", f'"{word}" is not a valid template control keyword.{meant}')

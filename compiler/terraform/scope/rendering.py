"""The text that an expression gives, with the place of each part of it; what can't be known yet stands as a stand-in.

The value of an expression says nothing of where its letters were written, and one unknown interpolation makes all of it
unknown. Here the expression is followed instead: through templates, conditionals, local values, the inputs of modules,
``file``, ``templatefile`` and ``base64encode``. Whatever else there is counts as its value.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from compiler.hcl import read_template
from compiler.hcl.places import runs
from compiler.hcl.syntax import (
    BareKey,
    Conditional,
    Expression,
    FunctionCall,
    GetAttr,
    Interpolation,
    ObjectExpr,
    Parens,
    Template,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    Text,
    Variable,
)
from compiler.records import dataclass, field
from compiler.source.rendered import Frame, RenderedText, TextPart
from compiler.source.span import Source, Span
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved, Scope
from compiler.terraform.evaluation.expressions import evaluate
from compiler.terraform.functions import FileError, FunctionFiles
from compiler.terraform.functions.formats import base64_text
from compiler.terraform.scope.lookup import is_set
from compiler.terraform.scope.scope import InstanceScope, ModuleScope
from compiler.terraform.values.budget import Budget
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.types import BOOL, STRING
from compiler.terraform.values.values import Value, string

STAND_IN = "unitc_unknown"
"""What stands in a text for what isn't known: a word for every shell, in quotes and out of them."""

# Values nest through modules; a chain that is longer stands as its value.
_MAX_DEPTH = 100
# Functions whose result is a piece of their first argument.
_CUTTING = frozenset({"trimspace", "chomp", "trim", "trimprefix", "trimsuffix", "substr"})


def render(scope: InstanceScope, expression: Expression) -> RenderedText:
    """Return the text that an expression gives in a scope. What is sensitive counts as unknown."""
    return RenderedText(tuple(_Renderer(Budget()).parts(expression, _Names(scope, scope.module), ())))


@dataclass(frozen=True, slots=True)
class _Bound:
    """What a name of a rendered file stands for: the expression that it was given, and the names there."""

    value: Value
    expression: Expression | None = None
    names: _Names | None = None


@dataclass(frozen=True, slots=True)
class _Names:
    """What names stand for where an expression stands. ``module`` is None in a rendered file."""

    scope: Scope
    module: ModuleScope | None
    bound: Mapping[str, _Bound] = field(default_factory=dict)

    @property
    def files(self) -> FunctionFiles:
        """The files that functions may read."""
        return self.scope.files

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for."""
        if root in self.bound:
            return Resolved(self.bound[root].value)
        return None if self.module is None else self.scope.resolve(root, steps, span)

    def binding(self, names: Mapping[str, _Bound]) -> _Names:
        return _Names(self.scope, self.module, {**self.bound, **names})


@dataclass(slots=True)
class _Renderer:
    budget: Budget
    depth: int = 0

    def value(self, expression: Expression, names: _Names) -> Value:
        # Mistakes are told where the template itself is evaluated.
        return evaluate(expression, names, budget=self.budget)[0]

    def parts(self, expression: Expression, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart]:
        """Yield the parts of the text that an expression gives."""
        self.depth += 1
        try:
            followed = None if self.depth > _MAX_DEPTH else self._followed(expression, names, outer)
            yield from self._as_value(expression, names, outer) if followed is None else followed
        finally:
            self.depth -= 1

    def _followed(self, expression: Expression, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart] | None:
        """Return the parts of an expression that can be followed, else None."""
        match expression:
            case Parens(inner):
                return self.parts(inner, names, outer)
            case Template(parts):
                return self._template(expression, parts, names, outer)
            case Conditional():
                chosen = self._decided(expression.condition, names)
                if chosen is None:
                    return None
                return self.parts(expression.then if chosen else expression.otherwise, names, outer)
            case GetAttr(source=Variable(name=root), name=name) if root not in names.bound:
                return self._reference(expression, root, name, names, outer)
            case Variable(name=name) if name in names.bound:
                bound = names.bound[name]
                if bound.expression is None or bound.names is None:
                    return None
                return self._behind(expression, names, bound.expression, bound.names, outer)
            case FunctionCall(expand=False):
                return self._call(expression, names, outer)
            case _:
                return None

    def _as_value(self, expression: Expression, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart]:
        text = _text(self.value(expression, names))
        yield _placed(text, expression.span, expression.span, outer)

    def _decided(self, condition: Expression, names: _Names) -> bool | None:
        """Return a condition's value, None where it isn't known or is wrong."""
        try:
            value = convert(self.value(condition, names), BOOL)
        except ConversionError:
            return None
        return value.data if isinstance(value.data, bool) and not value.is_sensitive else None

    # Templates

    def _template(
        self, template: Template, parts: Sequence[TemplatePart], names: _Names, outer: tuple[Frame, ...]
    ) -> Iterator[TextPart]:
        for part in parts:
            match part:
                case Text():
                    for run in runs(template, part):
                        place = template.span.source.span(run.start, run.end)
                        yield TextPart(run.text, (*outer, Frame(template.span, place, run.exact)))
                case Interpolation(expression):
                    yield from self.parts(expression, names, (*outer, Frame(template.span, part.span)))
                case TemplateIf():
                    chosen = self._decided(part.condition, names)
                    if chosen is None:
                        yield _placed(None, template.span, part.span, outer)
                    else:
                        yield from self._template(template, part.then if chosen else part.otherwise, names, outer)
                case TemplateFor():
                    yield from self._repeated(template, part, names, outer)

    def _repeated(
        self, template: Template, loop: TemplateFor, names: _Names, outer: tuple[Frame, ...]
    ) -> Iterator[TextPart]:
        collection = self.value(loop.collection, names)
        if (
            not collection.is_known
            or collection.is_null
            or collection.is_sensitive
            or isinstance(collection.data, str | bool)
        ):
            yield _placed(None, template.span, loop.span, outer)
            return
        for key, element in collection.entries():
            bound = {loop.value: _Bound(element)}
            if loop.key is not None:
                bound[loop.key] = _Bound(key)
            yield from self._template(template, loop.body, names.binding(bound), outer)

    # Names

    def _reference(
        self, expression: Expression, root: str, name: str, names: _Names, outer: tuple[Frame, ...]
    ) -> Iterator[TextPart] | None:
        module = names.module
        if module is None:
            return None
        if root == "local" and name in module.config.module.locals:
            behind = module.config.module.locals[name].expression
            return self._behind(expression, names, behind, _Names(module.scope, module), outer)
        if root == "var" and module.call is not None and module.call_scope is not None:
            argument = module.call.block.body.attribute(name)
            variable = module.config.module.variables.get(name)
            # What a variable calls sensitive is, wherever it comes from.
            if argument is not None and variable is not None and not is_set(variable.block, "sensitive"):
                caller = module.call_scope
                return self._behind(expression, names, argument.expression, _Names(caller, caller.module), outer)
        return None

    def _behind(
        self, expression: Expression, names: _Names, behind: Expression, there: _Names, outer: tuple[Frame, ...]
    ) -> Iterator[TextPart] | None:
        """Return what stands behind a name, None where its value says something else than what is written there."""
        value = self.value(expression, names)
        if value.is_null:
            return None
        parts = tuple(self.parts(behind, there, (*outer, Frame(expression.span, expression.span))))
        text = _text(value)
        if text is not None and (not all(part.known for part in parts) or "".join(p.text for p in parts) != text):
            return None
        return iter(parts)

    # Functions

    def _call(self, call: FunctionCall, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart] | None:
        name = call.name.removeprefix("core::")
        if name == "base64encode" and len(call.arguments) == 1:
            return self._encoded(call, names, outer)
        if name == "file" and len(call.arguments) == 1:
            source = self._file(call, names)
            return None if source is None else _whole(source, outer, call)
        if name == "templatefile" and len(call.arguments) == 2:
            return self._rendered(call, names, outer)
        if name in _CUTTING and call.arguments:
            return self._cut(call, names, outer)
        return None

    def _encoded(self, call: FunctionCall, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart] | None:
        inner = RenderedText(tuple(self.parts(call.arguments[0], names, (*outer, Frame(call.span, call.span)))))
        text = base64_text.encode(inner.text.encode()) if inner.whole else STAND_IN
        return iter((TextPart(text, (*outer, Frame(call.span, call.span)), inner.whole, inner),))

    def _file(self, call: FunctionCall, names: _Names) -> Source | None:
        path = _text(self.value(call.arguments[0], names))
        if path is None or "\0" in path:
            return None
        try:
            return Source(posixpath.normpath(path), names.files.read(path).decode())
        except (FileError, UnicodeDecodeError):
            return None

    def _rendered(self, call: FunctionCall, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart] | None:
        source = self._file(call, names)
        if source is None:
            return None
        template, problems = read_template(source)
        given = call.arguments[1]
        while isinstance(given, Parens):
            given = given.expression
        if template is None or problems:
            return None
        bound: dict[str, _Bound] = {}
        if isinstance(given, ObjectExpr):
            for item in given.items:
                key = string(item.key.name) if isinstance(item.key, BareKey) else self.value(item.key, names)
                if isinstance(key.data, str):
                    bound[key.text] = _Bound(self.value(item.value, names), item.value, names)
        else:
            variables = self.value(given, names)
            if not isinstance(variables.data, Mapping):
                return None
            bound = {key: _Bound(value) for key, value in variables.mapping.items()}
        inside = _Names(names.scope, None, bound)
        return self._template(template, template.parts, inside, (*outer, Frame(call.span, call.span)))

    def _cut(self, call: FunctionCall, names: _Names, outer: tuple[Frame, ...]) -> Iterator[TextPart] | None:
        """Return the piece of a text that a function leaves, None where it isn't plain which one that is."""
        text = _text(self.value(call, names))
        if not text:
            return None
        parts = tuple(self.parts(call.arguments[0], names, (*outer, Frame(call.span, call.span))))
        inner = RenderedText(parts)
        at = inner.text.find(text)
        if at < 0 or inner.text.find(text, at + 1) >= 0 or not inner.whole:
            return None
        return _slice(parts, at, at + len(text))


def _slice(parts: Sequence[TextPart], start: int, end: int) -> Iterator[TextPart]:
    """Yield what of the parts stands between two offsets."""
    at = 0
    for part in parts:
        low, high = max(start - at, 0), min(end - at, len(part.text))
        if low < high:
            *outer, last = part.frames
            if last.exact:
                place = last.span.source.span(last.span.start + low, last.span.start + high)
                last = Frame(last.within, place, exact=True)
            carried = part.carried if high - low == len(part.text) else None
            yield TextPart(part.text[low:high], (*outer, last), part.known, carried)
        at += len(part.text)


def _whole(source: Source, outer: tuple[Frame, ...], call: FunctionCall) -> Iterator[TextPart]:
    span = source.span(0, len(source.text))
    text = source.text if source.text.isascii() else unicodedata.normalize("NFC", source.text)
    yield TextPart(text, (*outer, Frame(call.span, call.span), Frame(span, span, exact=text == source.text)))


def _placed(text: str | None, within: Span, span: Span, outer: tuple[Frame, ...]) -> TextPart:
    frames = (*outer, Frame(within, span))
    return TextPart(STAND_IN, frames, known=False) if text is None else TextPart(text, frames)


def _text(value: Value) -> str | None:
    """Return a value as text, None where it isn't known, isn't to be shown, or has no text."""
    if value.is_sensitive or value.is_null or not value.is_known:
        return None
    try:
        data = convert(value, STRING).data
    except ConversionError:
        return None
    return data if isinstance(data, str) else None

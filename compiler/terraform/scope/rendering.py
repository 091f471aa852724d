"""The text that an expression gives, with the place of each part of it; what can't be known yet stands as a stand-in.

The value of an expression says nothing of where its letters were written, and one unknown interpolation makes all of it
unknown. Here the expression is followed instead: through templates, conditionals, local values, the inputs of modules,
``file``, ``templatefile`` and ``base64encode``. Whatever else there is counts as its value.
"""

from __future__ import annotations

import posixpath
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence

from compiler.hcl import read_template, syntax
from compiler.hcl.places import runs
from compiler.hcl.syntax import Expression
from compiler.records import dataclass, field, replace
from compiler.source.rendered import Frame, RenderedText, TextPart
from compiler.source.span import Source, Span
from compiler.terraform.configuration.files import FileAccess, FileError
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved, Scope
from compiler.terraform.evaluation.expressions import evaluate
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
    literal = expression.literal if isinstance(expression, syntax.Template) else None
    return RenderedText(_parts(scope, expression), literal)


def _parts(scope: InstanceScope, expression: Expression) -> Iterator[TextPart]:
    yield from _Rendering(scope, scope.module, Budget()).parts(expression)


@dataclass(frozen=True, slots=True)
class _Bound:
    """What a name of a rendered file stands for: the expression that it was given, and where that stands."""

    value: Value
    expression: Expression | None = None
    there: _Rendering | None = None


@dataclass(frozen=True, slots=True)
class _Rendering:
    """Where an expression is followed: what names stand for there, and through which frames the way leads to it.

    ``module`` is None in a rendered file.
    """

    scope: Scope
    module: ModuleScope | None
    budget: Budget
    bound: Mapping[str, _Bound] = field(default_factory=dict)
    outer: tuple[Frame, ...] = ()
    depth: int = 0

    @property
    def files(self) -> FileAccess:
        """The files that functions may read."""
        return self.scope.files

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for."""
        if root in self.bound:
            return Resolved(self.bound[root].value)
        return None if self.module is None else self.scope.resolve(root, steps, span)

    def parts(self, expression: Expression) -> Iterator[TextPart]:
        """Return the parts of the text that an expression gives."""
        deeper = replace(self, depth=self.depth + 1)
        followed = None if self.depth >= _MAX_DEPTH else deeper._followed(expression)
        if followed is not None:
            return followed
        return iter((self._placed(_text(self._value(expression)), expression.span, expression.span),))

    def _value(self, expression: Expression) -> Value:
        # Mistakes are told where the template itself is evaluated.
        return evaluate(expression, self, budget=self.budget)[0]

    def _within(self, within: Span, span: Span | None = None) -> _Rendering:
        """Return the same inside of one more frame."""
        return replace(self, outer=(*self.outer, Frame(within, span or within)))

    def _placed(self, text: str | None, within: Span, span: Span) -> TextPart:
        frames = (*self.outer, Frame(within, span))
        return TextPart(STAND_IN, frames, known=False) if text is None else TextPart(text, frames)

    def _followed(self, expression: Expression) -> Iterator[TextPart] | None:
        """Return the parts of an expression that can be followed, else None."""
        match expression:
            case syntax.Parens(inner):
                return self.parts(inner)
            case syntax.Template(parts):
                return self._template(expression, parts)
            case syntax.Conditional():
                chosen = self._decided(expression.condition)
                return None if chosen is None else self.parts(expression.then if chosen else expression.otherwise)
            case syntax.GetAttr(source=syntax.Variable(name=root), name=name) if root not in self.bound:
                return self._reference(expression, root, name)
            case syntax.Variable(name=name) if name in self.bound:
                bound = self.bound[name]
                if bound.expression is None or bound.there is None:
                    return None
                return self._behind(expression, bound.expression, bound.there)
            case syntax.FunctionCall(expand=False):
                return self._call(expression)
            case _:
                return None

    def _decided(self, condition: Expression) -> bool | None:
        """Return a condition's value, None where it isn't known or is wrong."""
        try:
            value = convert(self._value(condition), BOOL)
        except ConversionError:
            return None
        return value.data if isinstance(value.data, bool) and not value.is_sensitive else None

    # Templates

    def _template(self, template: syntax.Template, parts: Sequence[syntax.TemplatePart]) -> Iterator[TextPart]:
        for part in parts:
            match part:
                case syntax.Text():
                    for run in runs(template, part):
                        place = template.span.source.span(run.start, run.end)
                        yield TextPart(run.text, (*self.outer, Frame(template.span, place, run.exact)))
                case syntax.Interpolation(expression):
                    yield from self._within(template.span, part.span).parts(expression)
                case syntax.TemplateIf():
                    chosen = self._decided(part.condition)
                    if chosen is None:
                        yield self._placed(None, template.span, part.span)
                    else:
                        yield from self._template(template, part.then if chosen else part.otherwise)
                case syntax.TemplateFor():
                    yield from self._repeated(template, part)

    def _repeated(self, template: syntax.Template, loop: syntax.TemplateFor) -> Iterator[TextPart]:
        collection = self._value(loop.collection)
        if collection.is_sensitive or not isinstance(collection.data, tuple | Mapping):
            yield self._placed(None, template.span, loop.span)
            return
        for key, element in collection.entries():
            names = {loop.value: _Bound(element)} | ({} if loop.key is None else {loop.key: _Bound(key)})
            yield from replace(self, bound={**self.bound, **names})._template(template, loop.body)

    # Names

    def _reference(self, expression: Expression, root: str, name: str) -> Iterator[TextPart] | None:
        module = self.module
        if module is None:
            return None
        if root == "local" and name in module.config.module.locals:
            there = _Rendering(module.scope, module, self.budget)
            return self._behind(expression, module.config.module.locals[name].expression, there)
        if root == "var" and module.call is not None and module.call_scope is not None:
            argument = module.call.block.body.attribute(name)
            variable = module.config.module.variables.get(name)
            # What a variable calls sensitive is, wherever it comes from.
            if argument is not None and variable is not None and not is_set(variable.block, "sensitive"):
                there = _Rendering(module.call_scope, module.call_scope.module, self.budget)
                return self._behind(expression, argument.expression, there)
        return None

    def _behind(self, expression: Expression, behind: Expression, there: _Rendering) -> Iterator[TextPart] | None:
        """Return what stands behind a name, None where its value says something else than what is written there."""
        value = self._value(expression)
        if value.is_null:
            return None
        here = self._within(expression.span)
        parts = tuple(replace(there, outer=here.outer, depth=here.depth).parts(behind))
        text = _text(value)
        if text is not None and (not all(part.known for part in parts) or "".join(p.text for p in parts) != text):
            return None
        return iter(parts)

    # Functions

    def _call(self, call: syntax.FunctionCall) -> Iterator[TextPart] | None:
        name = call.name.removeprefix("core::")
        inside = self._within(call.span)
        if name == "base64encode" and len(call.arguments) == 1:
            inner = RenderedText(tuple(inside.parts(call.arguments[0])))
            text = b64encode(inner.text.encode()).decode() if inner.whole else STAND_IN
            return iter((TextPart(text, inside.outer, inner.whole, inner),))
        if name == "file" and len(call.arguments) == 1:
            source = self._file(call)
            return None if source is None else iter((_whole(source, inside.outer),))
        if name == "templatefile" and len(call.arguments) == 2:
            return self._rendered(call, inside)
        if name in _CUTTING and call.arguments:
            return self._cut(call, inside)
        return None

    def _file(self, call: syntax.FunctionCall) -> Source | None:
        path = _text(self._value(call.arguments[0]))
        if path is None or "\0" in path:
            return None
        try:
            return Source(posixpath.normpath(path), self.files.read(path).decode())
        except (FileError, UnicodeDecodeError):
            return None

    def _rendered(self, call: syntax.FunctionCall, inside: _Rendering) -> Iterator[TextPart] | None:
        source = self._file(call)
        if source is None:
            return None
        template, problems = read_template(source)
        given = call.arguments[1]
        while isinstance(given, syntax.Parens):
            given = given.expression
        if template is None or problems:
            return None
        bound: dict[str, _Bound] = {}
        if isinstance(given, syntax.ObjectExpr):
            for item in given.items:
                key = string(item.key.name) if isinstance(item.key, syntax.BareKey) else self._value(item.key)
                if isinstance(key.data, str):
                    bound[key.text] = _Bound(self._value(item.value), item.value, self)
        else:
            variables = self._value(given)
            if not isinstance(variables.data, Mapping):
                return None
            bound = {key: _Bound(value) for key, value in variables.mapping.items()}
        return replace(inside, module=None, bound=bound)._template(template, template.parts)

    def _cut(self, call: syntax.FunctionCall, inside: _Rendering) -> Iterator[TextPart] | None:
        """Return the piece of a text that a function leaves, None where it isn't plain which one that is."""
        text = _text(self._value(call))
        if not text:
            return None
        parts = tuple(inside.parts(call.arguments[0]))
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


def _whole(source: Source, outer: tuple[Frame, ...]) -> TextPart:
    span = source.span(0, len(source.text))
    text = source.text if source.text.isascii() else unicodedata.normalize("NFC", source.text)
    return TextPart(text, (*outer, Frame(span, span, exact=text == source.text)))


def _text(value: Value) -> str | None:
    """Return a value as text, None where it isn't known, isn't to be shown, or has no text."""
    if value.is_sensitive or value.is_null or not value.is_known:
        return None
    try:
        data = convert(value, STRING).data
    except ConversionError:
        return None
    return data if isinstance(data, str) else None

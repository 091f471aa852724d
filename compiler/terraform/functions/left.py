"""Functions whose answer is left to Terraform: it differs at each call, comes at apply, or decides no order.

Templates of workspaces don't choose instances, selectors or scripts by them.
"""

from __future__ import annotations

from compiler.terraform.functions import Call, Parameter, function
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType
from compiler.terraform.values.values import Value


def _left(_: Call) -> Value:
    raise LaterError


_STR = Parameter("str", STRING)
_PATH = Parameter("path", STRING)
_PREFIX = Parameter("prefix", STRING)
_ENCODING = Parameter("encoding", STRING)
_NUM = Parameter("num", NUMBER)
_VALUE = Parameter("value", null=True, unknown=True, dynamic=True, marked=True)
_STRINGS = ListType(STRING)
_LISTS = MapType(_STRINGS)
_ANY_LIST = ListType(DYNAMIC)

for _name, _returns, *_parameters in (
    ("timestamp", STRING),
    ("plantimestamp", STRING),
    ("uuid", STRING),
    ("uuidv5", STRING, Parameter("namespace", STRING), Parameter("name", STRING)),
    ("base64gzip", STRING, _STR),
    ("rsadecrypt", STRING, Parameter("ciphertext", STRING), Parameter("privatekey", STRING)),
    ("textencodebase64", STRING, Parameter("string", STRING), _ENCODING),
    ("textdecodebase64", STRING, Parameter("source", STRING), _ENCODING),
    ("cidrhost", STRING, _PREFIX, Parameter("hostnum", NUMBER)),
    ("cidrnetmask", STRING, _PREFIX),
    ("cidrsubnet", STRING, _PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER)),
    ("formatdate", STRING, Parameter("format", STRING), Parameter("time", STRING)),
    ("timeadd", STRING, Parameter("timestamp", STRING), Parameter("duration", STRING)),
    ("timecmp", NUMBER, Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING)),
    ("log", NUMBER, _NUM, Parameter("base", NUMBER)),
    ("pow", NUMBER, _NUM, Parameter("power", NUMBER)),
    ("signum", NUMBER, _NUM),
    ("sum", NUMBER, Parameter("list")),
    ("parseint", NUMBER, Parameter("number"), Parameter("base", NUMBER)),
    ("title", STRING, _STR),
    ("templatestring", STRING, Parameter("template", STRING), Parameter("vars")),
    ("abspath", STRING, _PATH),
    ("pathexpand", STRING, _PATH),
    ("chunklist", ListType(_ANY_LIST), Parameter("list", _ANY_LIST, marked=True), Parameter("size", NUMBER)),
    ("transpose", _LISTS, Parameter("values", _LISTS)),
    ("ephemeralasnull", DYNAMIC, _VALUE),
    ("issensitive", BOOL, _VALUE),
):
    function(_name, *_parameters, returns=_returns, not_null=False)(_left)

function("bcrypt", _STR, variadic=Parameter("cost", NUMBER), returns=STRING)(_left)
function("matchkeys", *(Parameter(name, _ANY_LIST) for name in ("values", "keys", "searchset")), returns=_ANY_LIST)(
    _left
)
function("coalescelist", variadic=Parameter("vals", null=True, unknown=True, dynamic=True))(_left)
function("cidrsubnets", _PREFIX, variadic=Parameter("newbits", NUMBER), returns=_STRINGS)(_left)

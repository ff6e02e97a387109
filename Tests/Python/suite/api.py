"""The API as a table, written by hand from its documentation.

The adapters build requests and check answers with it, so that neither leans on what a generator made of storage.thrift;
test_idl.py holds the two against each other.
"""

from typing import NamedTuple


class Field(NamedTuple):
    id: int
    name: str
    type: str
    required: bool


def _fields(*lines):
    out = []
    for line in lines:
        number, name, kind = line.split(" ")
        out.append(Field(int(number), name, kind.rstrip("!"), kind.endswith("!")))
    return out


_CONTEXT = "255 context RequestContext"

ENUMS = {
    "ReadPolicy": {"CANCEL": 1, "WAIT": 2},
    "KeyStatus": {
        "FOUND": 1, "MISSING": 2, "DEADLINE_EXCEEDED": 3, "FAILED": 4, "SHED": 5, "TOO_LARGE": 6, "STORED": 7,
    },
    "Durability": {"MEMORY": 1, "LOGGED": 2, "SYNCED": 3, "REPLICATED": 4},
    "Condition": {"ALWAYS": 1, "IF_ABSENT": 2, "IF_PRESENT": 3},
    "ErrorCode": {
        "INVALID_ARGUMENT": 1, "DEADLINE_EXCEEDED": 2, "OVERLOADED": 3, "OUT_OF_MEMORY": 4, "READ_ONLY": 5,
        "UNAVAILABLE": 6, "UNAUTHENTICATED": 7, "PERMISSION_DENIED": 8, "NOT_AN_INTEGER": 9, "UNSUPPORTED": 10,
        "INTERNAL": 11, "CANCELLED": 12,
    },
    "Effect": {"NOT_EXECUTED": 1, "EXECUTED": 2, "UNKNOWN": 3},
}

STRUCTS = {
    "RequestContext": _fields(
        "1 fromService string", "2 fromCluster string", "3 toService string", "4 toCluster string", "5 logID string",
        "6 timeoutMillis i32", "7 baggage map<string,string>"),
    "StorageError": _fields("1 code ErrorCode!", "2 message string!", "3 effect Effect!", "4 retryAfterMillis i32"),
    "GetRequest": _fields("1 key binary!", _CONTEXT),
    "GetResponse": _fields("1 value binary", "2 version i64", "3 ttlMillis i64"),
    "PutRequest": _fields(
        "1 key binary!", "2 value binary!", "3 ttlMillis i64", "4 condition Condition", "5 ifVersion i64",
        "6 durability Durability", "7 returnPrevious bool", _CONTEXT),
    "PutResponse": _fields("1 applied bool!", "2 version i64", "3 durability Durability", "4 previous binary"),
    "RemoveRequest": _fields("1 key binary!", "2 ifVersion i64", "3 durability Durability", _CONTEXT),
    "RemoveResponse": _fields("1 removed bool!", "2 durability Durability"),
    "MultiGetRequest": _fields("1 keys list<binary>!", "2 policy ReadPolicy", "3 withVersions bool", _CONTEXT),
    "MultiGetResponse": _fields(
        "1 values list<binary>!", "2 statuses binary!", "3 versions list<i64>", "4 complete bool!"),
    "Entry": _fields("1 key binary!", "2 value binary!", "3 ttlMillis i64"),
    "MultiPutRequest": _fields("1 entries list<Entry>!", "2 durability Durability", "3 atomic bool", _CONTEXT),
    "MultiPutResponse": _fields("1 statuses binary!", "2 durability Durability"),
    "MultiRemoveRequest": _fields("1 keys list<binary>!", "2 durability Durability", _CONTEXT),
    "MultiRemoveResponse": _fields("1 removed i32!", "2 durability Durability"),
    "IncrementRequest": _fields(
        "1 key binary!", "2 delta i64!", "3 initial i64", "4 ttlMillis i64", "5 durability Durability", _CONTEXT),
    "IncrementResponse": _fields("1 value i64!", "2 version i64", "3 durability Durability"),
    "TouchRequest": _fields("1 key binary!", "2 ttlMillis i64", "3 durability Durability", _CONTEXT),
    "TouchResponse": _fields("1 found bool!", "2 durability Durability"),
    "ScanRequest": _fields("1 cursor binary", "2 prefix binary", "3 limit i32", "4 keysOnly bool", _CONTEXT),
    "ScannedEntry": _fields("1 key binary!", "2 value binary", "3 version i64"),
    "ScanResponse": _fields("1 entries list<ScannedEntry>!", "2 cursor binary"),
}

#: Methods with a request and a response struct; `ping` has neither.
METHODS = ("get", "put", "remove", "multiGet", "multiPut", "multiRemove", "increment", "touch", "scan")

# Limits that the server under test has by default.
KEY_SIZE_MAX = 4096
VALUE_SIZE_MAX = 16 * 1024 * 1024
KEYS_PER_REQUEST_MAX = 10_000
FRAME_SIZE_MAX = 64 * 1024 * 1024
SCAN_LIMIT_MAX = 10_000
SCAN_LIMIT_DEFAULT = 100

FOUND, MISSING, TOO_LARGE, STORED = 1, 2, 6, 7
MEMORY, LOGGED, SYNCED, REPLICATED = 1, 2, 3, 4
ALWAYS, IF_ABSENT, IF_PRESENT = 1, 2, 3
CANCEL, WAIT = 1, 2
INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_AN_INTEGER, UNSUPPORTED, CANCELLED = 1, 2, 9, 10, 12
NOT_EXECUTED = 1

I32 = (-(1 << 31), (1 << 31) - 1)
I64 = (-(1 << 63), (1 << 63) - 1)


def request_struct(method):
    return method[0].upper() + method[1:] + "Request"


def response_struct(method):
    return method[0].upper() + method[1:] + "Response"


def element(kind):
    """The element type of `list<...>`, else None."""
    return kind[5:-1] if kind.startswith("list<") else None


def check(struct, fields):
    """Raises AssertionError unless `fields` (by name, absent ones left out) is a well-formed `struct`."""
    known = {f.name: f for f in STRUCTS[struct]}
    for name, value in fields.items():
        assert name in known, f"{struct} has no field {name!r}"
        _check_value(f"{struct}.{name}", known[name].type, value)
    for field in STRUCTS[struct]:
        assert not field.required or field.name in fields, f"{struct} without {field.name}: {fields!r}"


def _check_value(where, kind, value):
    if element(kind):
        assert isinstance(value, list), f"{where}: {value!r} is no list"
        for item in value:
            _check_value(where, element(kind), item)
    elif kind in STRUCTS:
        check(kind, value)
    elif kind in ENUMS:
        assert type(value) is int and value in ENUMS[kind].values(), f"{where}: {value!r} is no {kind}"
    elif kind in ("i32", "i64"):
        low, high = I32 if kind == "i32" else I64
        assert type(value) is int and low <= value <= high, f"{where}: {value!r} is no {kind}"
    else:
        expected = {"binary": bytes, "string": str, "bool": bool}[kind]
        assert type(value) is expected, f"{where}: {value!r} is no {kind}"

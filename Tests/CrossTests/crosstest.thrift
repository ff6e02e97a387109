/**
 * Every type, nesting, default, union, exception, oneway and inheritance, for peers that are generated from this file
 * by different compilers. Most methods give back what they were given; what peers send each other lies in the
 * constants, so that these are compared as well. Only `uuid` is missing, which Debian's compiler (0.17) does not know:
 * identifiers.thrift.
 */

include "shared.thrift"

namespace cpp crosstest
namespace py crosstest
namespace swift CrossTest

typedef shared.Color Paint
typedef list<shared.Point> Path
typedef map<string, Path> Paths

struct Empty {
}

struct Scalars {
  1: bool flag
  2: i8 tiny
  3: i16 small
  4: i32 medium
  5: i64 large
  6: double real
  7: string text
  8: binary bytes
  9: shared.Color color
  10: byte octet
  11: shared.Moment moment
  12: Paint paint
}

/** In compact Thrift a bool's value stands in the head of its field. */
struct Booleans {
  1: bool first
  2: optional bool second
  3: required bool third
  20: bool far
  21: i32 between
  22: bool last
}

struct Lists {
  1: list<bool> flags
  2: list<i8> tinies
  3: list<i16> smalls
  4: list<i32> mediums
  5: list<i64> larges
  6: list<double> reals
  7: list<string> texts
  8: list<binary> blobs
  9: list<Paint> colors
  10: Path points
  11: list<Empty> empties
  12: list<Choice> choices
  13: list<list<i32>> rows
  14: list<set<string>> groups
  15: list<map<string, i32>> tables
}

struct Sets {
  1: set<bool> flags
  2: set<i8> tinies
  3: set<i16> smalls
  4: set<i32> mediums
  5: set<i64> larges
  6: set<double> reals
  7: set<string> texts
  8: set<binary> blobs
  9: set<shared.Color> colors
  10: set<shared.Point> points
  11: set<list<i32> (python.immutable = "")> rows
}

union Choice {
  1: i32 number
  2: string text
  3: binary bytes
  4: shared.Point point
  5: list<Choice> several
  6: shared.Color color
  7: bool flag
  15: map<string, i64> table
  300: double real
  301: Empty empty
}

struct Maps {
  1: map<bool, bool> flags
  2: map<i8, i8> tinies
  3: map<i16, i16> smalls
  4: map<i32, i32> mediums
  5: map<i64, i64> larges
  6: map<double, double> reals
  7: map<string, string> texts
  8: map<binary, binary> blobs
  9: map<shared.Color, shared.Color> colors
  10: map<shared.Point, string> names
  11: map<string, shared.Point> points
  12: map<i32, list<map<string, set<i64>>>> deep
  13: map<string, map<string, map<string, bool>>> deeper
  14: Paths paths
  15: map<i64, Choice> choices
  16: map<list<string> (python.immutable = ""), i32> counts
}

/** Holds itself in containers. */
struct Tree {
  1: string name
  2: list<Tree> children
  3: map<string, Tree> named
}

/** Holds itself by value: Apache's compiler wants `&` for that. */
struct Chain {
  1: i32 number
  2: optional Chain & rest
}

/** Two that hold each other. */
struct Folder {
  1: string name
  2: list<Item> items
}

struct Item {
  1: optional Folder & folder
  2: optional binary data
}

/** Ids that are far apart, out of order, and at the end of their range. */
struct Gaps {
  1: i32 first
  16: i32 sixteenth
  17: i32 seventeenth
  33: i32 thirtyThird
  32767: string last
  300: string middle
  301: bool flag
  32766: optional i64 lastButOne
}

/** Without ids a compiler counts down from -1. */
struct Implicit {
  string first
  i32 second
  bool third
}

struct Requiredness {
  1: required i32 requiredNumber
  2: required string requiredText
  3: required shared.Color requiredColor
  4: required list<i32> requiredList
  5: required shared.Point requiredPoint
  6: optional i32 optionalNumber
  7: optional string optionalText
  8: optional shared.Color optionalColor
  9: optional list<i32> optionalList
  10: optional shared.Point optionalPoint
  11: optional bool optionalFlag
  12: optional Choice optionalChoice
  13: optional map<string, string> optionalMap
  14: optional binary optionalBytes
  15: optional double optionalReal
  16: i32 number
  17: string text
}

const i32 ANSWER = 42
const string GREETING = "Grüße, \"Welt\"!\n\t'x' \\"
const double THIRD = 0.3333333333333333
const double WHOLE = 7
const double HUGE_NUMBER = 1.7976931348623157e308
const double SMALL_NUMBER = -1.5e-5
const bool YES = true
const i8 MINUS_ONE = -1
const i32 HEXADECIMAL = 0x7FFFFFFF
const i64 FAR_AWAY = 9223372036854775807
const binary BLOB = "bytes"
const Paint PAINT = shared.Color.GREEN

/** Each kind of default. */
struct Defaults {
  1: bool flag = true
  2: i8 tiny = -3
  3: i16 small = 0x7F
  4: i32 medium = ANSWER
  5: i64 large = -5000000000
  6: double real = 2.5
  7: double whole = 3
  8: string text = "a \"b\" 'c' \\ \n ü"
  9: binary bytes = "raw"
  10: shared.Color color = shared.Color.BLUE
  11: list<i32> numbers = [1, 2, 3]
  12: set<string> words = ["x", "y"]
  13: map<string, i32> table = { "one": 1, "two": 2 }
  14: shared.Point point = { "x": 3, "y": -4 }
  15: list<string> none = []
  16: string constantText = GREETING
  17: list<shared.Point> points = [{ "x": 1, "y": 2 }, { "x": 3, "y": 4 }]
  18: shared.Moment moment = shared.EPOCH
  19: Paint paint = shared.Color.GREEN
  20: required i32 requiredNumber = 20
  21: required string requiredText = "required"
  22: optional i32 optionalNumber = 22
  23: optional string optionalText = "optional"
  24: optional bool optionalFlag = true
  25: optional list<string> optionalList = ["a"]
  26: optional shared.Color optionalColor = shared.Color.RED
  27: map<string, list<i32>> nested = { "a": [1], "b": [] }
}

/** Names that are words of Swift, or of the code that is generated. */
struct Names {
  1: i32 init
  2: i32 let
  3: i32 guard
  4: i32 reader
  5: i32 writer
  6: i32 scope
  7: i32 field
  8: i32 hash
  9: i32 description
  10: i32 snake_case_name
  11: i32 Capital
  12: i32 Type
  13: i32 encode
  14: i32 wireFields
}

/** Nearly all of it at once. */
struct Everything {
  1: Scalars scalars
  2: Booleans booleans
  3: Lists lists
  4: Sets sets
  5: Maps maps
  6: list<Choice> choices
  7: Tree tree
  8: Gaps gaps
  9: Requiredness requiredness
  10: Empty empty
  11: Implicit implicit
  12: Names names
}

const list<i8> BYTES = [0, 1, -1, 2, 63, 64, -64, -65, 126, 127, -127, -128]
const list<i16> SHORTS = [
  0, 1, -1, 63, 64, -64, -65, 127, 128, 255, 256, 8191, 8192, -8192, -8193, 32766, 32767, -32767, -32768
]
const list<i32> INTS = [
  0, 1, -1, 63, 64, -64, -65, 255, 256, 8191, 8192, -8193, 65535, 65536, 1048575, 1048576, -1048577, 134217727,
  134217728, 2147483646, 2147483647, -2147483647
]
const list<i64> LONGS = [
  0, 1, -1, 63, 64, -65, 8191, 8192, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296,
  34359738367, 34359738368, 4398046511104, 562949953421312, 72057594037927935, 72057594037927936,
  4611686018427387903, 4611686018427387904, 9223372036854775806, 9223372036854775807, -9223372036854775807
]
const list<double> REALS = [
  0.0, 1.0, -1.0, 0.1, -0.5, 3.141592653589793, 1e300, -1e10, 65536.5, THIRD, HUGE_NUMBER, SMALL_NUMBER
]
const list<string> TEXTS = [
  "", "a", "Hello", GREETING, "äöü ÄÖÜ ß", "Ελλάδα", "日本語", "😀 🏳️‍🌈", " leading and trailing ", "exactly fifteen",
  "and sixteen chars"
]

const list<Choice> CHOICES = [
  { "number": -1 },
  { "text": "chosen" },
  { "bytes": "BLOB" },
  { "point": { "x": 1, "y": -1 } },
  { "several": [{ "number": 1 }, { "text": "two" }, { "several": [] }] },
  { "color": shared.Color.BLUE },
  { "flag": false },
  { "flag": true },
  { "table": { "a": 1, "b": -1 } },
  { "real": 0.25 },
  { "empty": {} },
]

const Requiredness FEW = {
  "requiredNumber": 1, "requiredText": "few", "requiredColor": shared.Color.RED, "requiredList": [],
  "requiredPoint": { "x": 0, "y": 0 }, "number": 0, "text": "",
}

/**
 * Debian's compiler loses constants that a container names, and digits of small doubles: so none of either here. Peers
 * put the tables above into its lists and sets, and try other doubles by themselves.
 */
const Everything EVERYTHING = {
  "scalars": {
    "flag": true, "tiny": -128, "small": -32768, "medium": 2147483647, "large": -9223372036854775807, "real": -0.125,
    "text": GREETING, "bytes": "0123456789abcdef", "color": shared.Color.XRay, "octet": 127, "moment": shared.EPOCH,
    "paint": shared.Color.INFRARED,
  },
  "booleans": { "first": true, "second": false, "third": true, "far": false, "between": -1, "last": true },
  "lists": {
    "flags": [true, false, true, true, false, false, true, false, true, true, false, false, true, false, true, true],
    "tinies": [-128, 127], "smalls": [-32768], "mediums": [], "larges": [0, -1], "reals": [0.5],
    "texts": ["", "ü", GREETING], "blobs": ["", "a", "bc", "and a longer one than the others are"],
    "colors": [shared.Color.RED, shared.Color.INFRARED], "points": [{ "x": 1, "y": 2 }, { "x": 0, "y": 0 }], "empties": [{}, {}],
    "choices": [{ "flag": true }, { "text": "" }],
    "rows": [[], [1], [2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]], "groups": [[], ["a", "b"]],
    "tables": [{}, { "a": 1 }, { "b": 2, "c": 3 }],
  },
  "sets": {
    "flags": [true, false], "tinies": [1], "smalls": [-1], "mediums": [2147483647], "larges": [], "reals": [1.5],
    "texts": ["a", "b"], "blobs": ["", "x", "yz"], "colors": [shared.Color.LAST],
    "points": [{ "x": 1, "y": 2 }, { "x": 2, "y": 1 }], "rows": [[], [1], [1, 2]],
  },
  "maps": {
    "flags": { true: false, false: true }, "tinies": { -1: 1, 127: -128 }, "smalls": { -32768: 32767, 0: 0 },
    "mediums": { 2147483647: -1, -5: 5 }, "larges": { 9223372036854775807: -1, 0: 1 },
    "reals": { 0.5: -0.5, 1e10: 1e-10 }, "texts": { "": "empty", "ключ": "значение", "k": "" },
    "blobs": { "key": "value", "": "" },
    "colors": { shared.Color.RED: shared.Color.BLUE, shared.Color.INFRARED: shared.Color.LAST },
    "names": { { "x": 0, "y": 1 }: "north", { "x": 1, "y": 0 }: "east" },
    "points": { "zero": { "x": 0, "y": 0 }, "one": { "x": 1, "y": 1 } },
    "deep": { 1: [{ "a": [1, 2, 3], "b": [] }, {}], -1: [], 1000000: [{ "ü": [-1] }] },
    "deeper": { "a": { "b": { "c": true, "d": false }, "e": {} }, "f": {} },
    "paths": { "diagonal": [{ "x": 0, "y": 0 }, { "x": 1, "y": 1 }], "none": [] },
    "choices": { 1: { "number": 1 }, 2: { "text": "two" } },
    "counts": { ["a", "b"]: 2, []: 0 },
  },
  "choices": [{ "number": 7 }],
  "tree": {
    "name": "root",
    "children": [
      { "name": "left", "children": [{ "name": "leaf", "children": [], "named": {} }], "named": {} },
      { "name": "right", "children": [], "named": { "n": { "name": "named", "children": [], "named": {} } } },
    ],
    "named": {},
  },
  "gaps": {
    "first": 1, "sixteenth": 16, "seventeenth": 17, "thirtyThird": 33, "last": "32767", "middle": "300", "flag": true,
    "lastButOne": 32766,
  },
  "requiredness": {
    "requiredNumber": 1, "requiredText": "all", "requiredColor": shared.Color.GREEN, "requiredList": [1, 2],
    "requiredPoint": { "x": 5, "y": 6 }, "optionalNumber": 0, "optionalText": "", "optionalColor": shared.Color.RED,
    "optionalList": [], "optionalPoint": { "x": 0, "y": 0 }, "optionalFlag": false, "optionalChoice": { "flag": false },
    "optionalMap": {}, "optionalBytes": "", "optionalReal": 0.0, "number": -16, "text": "seventeen",
  },
  "empty": {},
  "implicit": { "first": "minus one", "second": -2, "third": true },
  "names": {
    "init": 1, "let": 2, "guard": 3, "reader": 4, "writer": 5, "scope": 6, "field": 7, "hash": 8, "description": 9,
    "snake_case_name": 10, "Capital": 11, "Type": 12, "encode": 13, "wireFields": 14,
  },
}

/** The arguments of `several`, as it got them. */
struct Several {
  1: bool flag
  2: i8 tiny
  3: i16 small
  4: i32 medium
  5: i64 large
  6: double real
  7: string text
  8: binary bytes
  9: list<string> texts
  10: map<i32, string> names
  11: set<i64> numbers
  12: shared.Point point
  13: Choice choice
  14: Paint color
}

exception Refusal {
  1: i32 code
  2: string message
  3: optional shared.Point place
}

exception Silence {
}

enum Outcome {
  ANSWER
  REFUSAL
  TROUBLE
  SILENCE
}

union FirstChoice {
  1: i32 number
  2: string text
}

union SecondChoice {
  1: i32 number
  2: string text
  9: list<shared.Point> points
}

/** A struct in its first version. */
struct FirstRecord {
  1: required i32 number
  3: optional string name
  5: optional FirstChoice choice
  7: optional i32 retyped
  9: optional Paint paint
  40: optional list<FirstRecord> parts
}

/** The same struct in its second version: fields of every type have come, and one has another type. */
struct SecondRecord {
  1: required i32 number
  2: optional map<string, list<shared.Point>> places
  3: optional string name
  4: optional bool flag
  5: optional SecondChoice choice
  6: optional double real
  7: optional string retyped
  8: optional binary bytes
  9: optional Paint paint
  10: optional i8 tiny
  11: optional i16 small
  12: optional i64 large
  13: optional set<i32> numbers
  14: optional list<bool> flags
  15: optional map<i64, bool> map64
  16: optional Everything everything
  17: optional map<string, string> emptyMap
  40: optional list<SecondRecord> parts
  1000: optional bool no
  1001: optional list<list<list<Empty>>> boxes
}

service CrossTest extends shared.Base {
  bool echoBool(1: bool value)
  i8 echoByte(1: i8 value)
  i16 echoShort(1: i16 value)
  i32 echoInt(1: i32 value)
  i64 echoLong(1: i64 value)
  double echoDouble(1: double value)
  string echoString(1: string value)
  binary echoBinary(1: binary value)
  Paint echoColor(1: Paint value)
  shared.Moment echoMoment(1: shared.Moment value)
  list<bool> echoFlags(1: list<bool> value)
  list<i64> echoLongs(1: list<i64> value)
  list<binary> echoBlobs(1: list<binary> value)
  set<string> echoWords(1: set<string> value)
  map<string, i32> echoTable(1: map<string, i32> value)
  map<shared.Point, list<Choice>> echoKeyed(1: map<shared.Point, list<Choice>> value)
  map<i32, list<map<string, set<i64>>>> echoDeep(1: map<i32, list<map<string, set<i64>>>> value)

  Empty echoEmpty(1: Empty value)
  Booleans echoBooleans(1: Booleans value)
  Choice echoChoice(1: Choice value)
  Tree echoTree(1: Tree value)
  Chain echoChain(1: Chain value)
  Folder echoFolder(1: Folder value)
  Gaps echoGaps(1: Gaps value)
  Implicit echoImplicit(1: Implicit value)
  Requiredness echoRequiredness(1: Requiredness value)
  Names echoNames(1: Names value)
  Everything echoEverything(1: Everything value)

  /** The server's own EVERYTHING. */
  Everything everything()
  /** Whether it equals the server's own EVERYTHING with the tables in its lists and sets. */
  bool isEverything(1: Everything value)
  /** A struct as the server's language makes it where nothing is said. */
  Defaults defaults()
  /** Whether it is what `defaults` answers. */
  bool areDefaults(1: Defaults value)
  Defaults echoDefaults(1: Defaults value)

  Several several(
    1: bool flag, 2: i8 tiny, 3: i16 small, 4: i32 medium, 5: i64 large, 6: double real, 7: string text,
    8: binary bytes, 9: list<string> texts, 10: map<i32, string> names, 30: set<i64> numbers, 31: shared.Point point,
    32: Choice choice, 32767: Paint color
  )

  /** Answers 42, or throws. */
  i32 decide(1: Outcome outcome) throws (1: Refusal refusal, 2: shared.Trouble trouble, 7: Silence silence)
  void decideQuietly(1: Outcome outcome) throws (1: Refusal refusal, 2: shared.Trouble trouble, 7: Silence silence)
  /** Fails with something that is not declared. */
  string breakDown()

  /** As `note`, from the service itself. */
  oneway void notePoint(1: string token, 2: shared.Point point)

  /** Clients call these two by the later.thrift's types. */
  FirstRecord readAsFirst(1: FirstRecord record)
  SecondRecord readAsSecond(1: SecondRecord record)
}

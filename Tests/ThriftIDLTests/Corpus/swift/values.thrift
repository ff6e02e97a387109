namespace swift Values

enum Color { RED = 1, Green = 2, none = 3, dark_blue = -4 }
struct Point { 1: i32 x, 2: required i32 y = 7, 3: optional string label, 4: Color color = Color.RED, 5: list<Point> more }
union Shape { 1: Point point, 2: list<i32> numbers, 3: binary bytes }

const bool YES = true
const bool ONE = 1
const byte TINY = -128
const i16 SMALL = -32768
const i32 NUMBER = 0x7fffffff
const i64 LARGE = -9223372036854775808
const i64 LARGER = 9223372036854775807
const double E300 = 1e300
const double TINY_DOUBLE = -4.9e-324
const double WHOLE = 3
const double NUMBER_AS_DOUBLE = NUMBER
const i64 NUMBER_AS_LONG = NUMBER
const i32 SAME = NUMBER
const string ESCAPES = "a\"b\\c\nd\te\rf 'q' ü 😀"
const string SINGLE = 'it"s'
const string EMPTY = ""
const string LONG = "The quick brown fox jumps over the lazy dog, again and again, until the line is far too long for any page that we would like to look at, and then some \"quotes\" \\ more."
const string LONG_WORD = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllllmmmmmmmmmm"
const binary BYTES = "bytes"
const binary NO_BYTES = ""
const uuid ID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
const Color COLOR = Color.none
const Color BY_NUMBER = 2
const list<binary> KEYS = ["a", "b\"", ""]
const list<i32> NUMBERS = [1, -2, 1000000, NUMBER, Color.Green]
const list<i64> MANY = [100000001, 100000002, 100000003, 100000004, 100000005, 100000006, 100000007, 100000008, 100000009, 100000010, 100000011]
const set<string> NAMES = ["b", "a"]
const map<string, i32> AGES = {"bob": 1, "eve": 2}
const map<Color, list<Color>> COLORS = {Color.RED: [Color.none, Color.dark_blue], 2: [2]}
const map<string, map<i32, Point>> POINTS = {"a": {1: {"x": 1, "y": 2, "label": "a label that is long enough to break this line", "color": 2}, 2: {"y": 1}}, "b": {}}
const Point POINT = {"x": 1, "y": 2, "color": Color.Green, "more": [{"y": 1}, {"y": 2}]}
const Shape SHAPE = {"point": {"y": 1}}
const Shape NUMBERED = {"numbers": [1, 2]}
const Shape BINARY = {"bytes": "xyz"}
const list<Shape> SHAPES = [{"bytes": ""}]
const list<string> NONE = []
const map<i32, i32> NOTHING = {}
typedef i32 Age
const Age AGE = NUMBER
const map<double, bool> DOUBLES = {1: true, 2.5: 0, -0.5: YES}

struct Defaults {
  1: bool flag = true
  2: optional bool off = false
  3: optional bool on = true
  4: i8 tiny = -1
  5: i16 small = 300
  6: i32 number = NUMBER
  7: optional i64 large = 10000000000
  8: double real = 1
  9: optional string text = "text"
  10: string long = "The quick brown fox jumps over the lazy dog, again and again, until the line is far too long for any page."
  11: binary bytes = "bytes"
  12: optional binary noBytes = ""
  13: uuid id = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
  14: Color color = Color.none
  15: optional Color other = 2
  16: list<string> words = ["a", "b"]
  17: optional list<string> noWords = []
  18: optional map<string, i32> ages = AGES
  19: map<string, i32> noAges = {}
  20: set<i32> numbers = [1, 2]
  21: Point point = {"x": 1, "y": 2}
  22: optional Point origin = {"y": 0}
  23: required i32 must = 5
  24: required list<i32> mustList = [1]
  25: optional list<binary> keys = ["a"]
  26: list<binary> noKeys = []
  27: Shape shape = {"numbers": [1]}
  28: Age age = 7
  29: optional double half = 0.5
  30: required string name
  31: optional uuid noID
}

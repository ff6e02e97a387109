namespace swift Rules

enum Level { LOW = 1, HIGH = 2, none = 3 }
struct Inner { 1: optional i32 level (vt.le = "5"), 2: optional Level kind (vt.defined_only = "true", vt.not_in = "none") }
struct Plain { 1: i32 number }
struct Holder { 1: Inner inner, 2: optional Holder holder, 3: Plain plain }
struct Rules {
  1: i8 tiny (vt.gt = "-5", vt.lt = "0x10")
  2: i16 small (vt.in = "1", vt.in = "-2", vt.in = "1")
  3: required i32 number (vt.const = "3")
  4: optional i64 large (vt.ge = "0", vt.le = "100000", vt.not_in = "50")
  5: double real (vt.gt = "0.25", vt.in = "1", vt.in = "2.5")
  6: bool yes (vt.const = "true")
  7: optional bool no (vt.const = "false", vt.not_nil = "true")
  8: string text (vt.min_size = "1", vt.max_size = "10", vt.pattern = "^[a-z]+\"?$", vt.prefix = "a", vt.suffix = "z")
  9: optional string other (vt.contains = "x", vt.not_contains = "y", vt.min_rune_size = "1", vt.max_rune_size = "5")
  10: binary bytes (vt.const = "abc", vt.in = "abc", vt.in = "def", vt.not_in = "x")
  11: optional binary tag (vt.min_size = "1")
  12: Level level (vt.const = "HIGH", vt.in = "Level.LOW", vt.in = "2", vt.not_nil = "true")
  13: list<i32> numbers (vt.min_size = "1", vt.elem.ge = "0")
  14: optional list<binary> parts (vt.elem.min_size = "1", vt.elem.max_size = "4096", vt.elem.prefix = "p")
  15: set<string> names (vt.max_size = "3", vt.elem.pattern = "^x", vt.elem.in = "x", vt.elem.in = "xy")
  16: map<string, list<i32>> index (vt.key.min_size = "1", vt.value.elem.gt = "0", vt.no_sparse = "true", vt.min_size = "0")
  17: Holder holder
  18: Holder skipped (vt.skip = "true")
  19: list<Inner> inners
  20: map<i32, Holder> element
  21: list<list<map<Inner, Inner>>> deep
  22: optional Inner error
  23: list<Plain> plains
  24: Choice choice
  25: map<Level, bool> key (vt.key.defined_only = "true", vt.value.const = "true")
  26: list<Inner> value (vt.elem.skip = "true", vt.max_size = "5")
}
union Choice { 1: i32 number (vt.gt = "0"), 2: Inner inner, 3: string text, 4: list<Inner> list_ }
exception Failure { 1: required string message (vt.min_size = "1") }

union Present { 1: string text (vt.not_nil = "true"), 2: list<string> several (vt.elem.not_nil = "true") }

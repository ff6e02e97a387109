/** A little of everything; its Swift is compiled into the tests. */
namespace swift ThriftIDLTests

/** How loud. */
enum Volume {
  /** Hardly to be heard. */
  LOW = 1,
  HIGH = 2,
}

/** Everything a field can be. */
struct Everything {
  /** Must be there. */
  1: required string name (vt.min_size = "1", vt.pattern = "^[a-z]+$"),
  2: optional i64 count (vt.gt = "0"),
  3: optional i32 limit = 100,
  4: i16 small,
  5: double ratio = 0.5,
  6: Volume volume (vt.defined_only = "true"),
  7: list<binary> keys (vt.elem.max_size = "3"),
  8: set<string> words = ["a", "b"],
  9: map<i32, list<Volume>> levels,
  10: optional Everything child,
  11: binary bytes,
  12: uuid id,
  13: bool flag = true,
  14: Choice choice,
  15: list<Everything> children,
}

/** One of these. */
union Choice {
  1: i32 number (vt.in = "1", vt.in = "2"),
  2: Everything everything,
  3: string text,
}

/** What went wrong. */
exception Failure {
  1: required string message,
}

/** At most so many. */
const i32 MAX_COUNT = 10000
const Everything EVERYTHING = {"name": "x", "keys": ["a", "b"], "volume": Volume.HIGH, "choice": {"number": 1}}

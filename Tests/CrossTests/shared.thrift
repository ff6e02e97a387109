/** What crosstest.thrift includes: types, constants and services that stand in another file than those who use them. */

namespace cpp crosstest.shared
namespace py crosstest.shared
namespace swift CrossTest

/** Numbers with gaps, negative ones, and one that follows from the number before it. */
enum Color {
  INFRARED = -7
  RED = 1
  GREEN = 2
  BLUE = 5
  ULTRA_VIOLET = 1000
  XRay
  LAST = 2147483647
}

typedef i64 Moment

/** Can be a key: Python makes such a struct hashable. */
struct Point {
  1: required i32 x
  2: required i32 y
} (python.immutable = "")

exception Trouble {
  1: required string reason
  2: optional Color color
  3: list<Point> places
}

const Moment EPOCH = 1700000000000
const Point ORIGIN = { "x": 0, "y": 0 }
const list<Color> COLORS = [
  Color.INFRARED, Color.RED, Color.GREEN, Color.BLUE, Color.ULTRA_VIOLET, Color.XRay, Color.LAST
]

service Root {
  string ping()
  void nothing()
}

service Base extends Root {
  Point echoPoint(1: Point value)
  /** Throws if it is told to. */
  void complain(1: bool really) throws (1: Trouble trouble)
  /** Adds a number to the numbers of a token. */
  oneway void note(1: string token, 2: i32 number)
  /** The numbers that have come for a token, in the order in which they came. */
  list<i32> notes(1: string token)
}

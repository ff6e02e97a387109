/** Services of every kind. */
namespace swift Services

struct Inner { 1: optional i32 level (vt.le = "5"), 2: string text = "hello", 3: optional binary blob = "x" }
struct DivideRequest {
  1: required i64 dividend (vt.ge = "0"), 2: required i64 divisor, 3: optional string note (vt.max_size = "10", vt.prefix = "a"),
  4: optional binary tag (vt.min_size = "1", vt.not_nil = "true"), 5: optional list<binary> parts (vt.elem.min_size = "1"), 6: optional Inner inner
  7: Node node, 8: string empty, 9: binary none, 10: required string name (vt.pattern = "^x", vt.in = "xa", vt.min_rune_size = "1") }
struct Node { 1: Node child, 2: string label, 3: Inner inner }
struct Nothing {}
union Either { 1: i32 left, 2: string right }
exception DivideByZero { 1: required string message }
exception Overflow { 1: required i64 limit }
struct Result { 1: i32 number }
struct View { 1: Result result }
enum Kind { A, B }
service Empty {}
service Base { string ping() }
service Lonely extends Empty { void only() }
service Derived extends Base {}
/** A calculator. */
service Calculator extends Base {
  /** Adds. */
  i32 add(1: i32 left, 2: i32 right),
  i64 divide(1: DivideRequest request) throws (1: DivideByZero zero, 2: Overflow overflow),
  i64 square(1: i64 number (vt.gt = "0")) throws (1: Overflow overflow),
  void reset(),
  /** Logs a line. */
  oneway void log(1: string line),
  oneway void tick(),
  void fails() throws (1: Overflow overflow)
  Result view(1: View view, 2: Nothing nothing)
  Kind kinds(1: Kind kind, 2: Kind other, 3: Kind third = Kind.B, 4: list<Kind> more = [Kind.A], 5: Either either, 6: DivideRequest request, 7: string text, 8: binary bytes = "abc")
  list<map<string, Node>> call(1: i32 call, 2: i32 reader, 3: string writer, 4: i32 arguments, 5: i32 head)
  void start(1: string start) throws (1: Overflow failure)
  string String(1: string value)
  void long_method_name_that_goes_on(1: string argument_number_one, 2: map<string, list<i32>> argument_number_two, 3: Node argument_number_three) throws (1: DivideByZero zero, 2: Overflow overflow)
  oneway void notify(1: DivideRequest request)
  Node find(1: Node node)
  bool failure(1: bool failure)
  void nap(1: i32 timeout, 2: string rpc, 3: string context)
}
struct Base255 { 1: optional string caller }
struct Carried { 1: optional string key, 255: optional Base255 base }
struct CarriedByDefault { 255: Base255 base }
struct NotCarried { 255: required Base255 base }
struct NoPlace { 255: optional string base }
struct OfItself { 255: optional OfItself base }
service Carriers {
  void one(1: Carried metadata) (readonly = "true")
  void several(1: Carried first, 2: i32 carry, 3: CarriedByDefault second, 4: NotCarried third, 5: NoPlace fourth)
  void itself(1: Carried request, 2: string metadata, 3: OfItself own)
  oneway void note(1: Carried options) (readonly = "false")
  void options(1: string options, 2: string callOptions) (readonly)
  void plain()
}

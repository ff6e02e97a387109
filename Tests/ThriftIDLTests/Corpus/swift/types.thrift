// Types that are called like Swift's and the library's.
namespace swift Types

struct String { 1: string text = "x", 2: optional String child, 3: set<string> words }
struct Int32 { 1: i32 number, 2: optional Int32 other }
struct Int64 { 1: i64 number }
struct Int { 1: i32 number }
struct Bool { 1: bool flag }
struct Double { 1: double number }
struct Set { 1: set<i32> numbers, 2: set<Set> sets }
struct Array { 1: list<i32> numbers }
struct Dictionary { 1: map<string, i32> numbers }
struct Optional { 1: optional i32 number }
exception Error { 1: required string message, 2: Optional cause }
enum Hashable { None = 0, Some = 1 }
struct Equatable { 1: Hashable value }
struct CaseIterable { 1: Hashable value = Hashable.Some }
struct Data { 1: binary bytes }
struct ByteBuffer { 1: binary bytes, 2: ByteBuffer other }
struct BinaryList { 1: list<binary> bytes }
struct WireUUID { 1: uuid id }
struct WireStruct { 1: optional WireError error }
struct WireError { 1: i32 code }
struct WireReader { 1: i32 code }
struct WireWriter { 1: i32 code }
struct WireEnum { 1: i32 code }
struct WireValue { 1: i32 code }
struct FieldTable { 1: i32 code }
struct Indirect { 1: optional Indirect inner }
struct ValidationError { 1: i32 code }
struct CustomStringConvertible { 1: i32 code }
struct Reader { 1: Writer writer, 2: Reader reader }
struct Writer { 1: Reader reader }
struct Type { 1: i32 code }
struct Self { 1: i32 code }
struct Any { 1: i32 code }
struct Protocol { 1: i32 code }
struct Swift { 1: i32 code }
struct NIOCore { 1: i32 code }
struct NeedletailWire { 1: i32 code }
struct IntegerLiteralType { 1: i32 code }
struct Sendable { 1: i32 code }

struct lower { 1: i32 code }
struct point { 1: i32 code }
struct Point { 1: point point, 2: lower lower }
typedef string Text
typedef Text Character
union Outcome { 1: String success, 2: Data failure, 3: Outcome inner }
const String LITERAL = {"text": "a", "words": ["b", "c"]}
const map<String, Int32> NESTED = {{"text": "k"}: {"number": 3, "other": {"number": 4}}}
const ByteBuffer BYTES = {"bytes": "abc", "other": {"bytes": "def"}}

/** Keywords and the names of generated code, wherever a name may stand. */
namespace swift Names

enum Cases {
  none, some, init, Self, Type, Protocol, unrecognized, rawValue, allCases, description, hash, hashValue, encode,
  wireType, validate, default_, IF_ABSENT, ifAbsent, RED, Red, red, HTTPError, _leading, __, V1_2, V12, AliasOne = 100,
  aliasTwo = 101, await, nil_, selfish
}

union Members {
  1: i32 none
  2: i32 some
  3: string init
  5: bool unrecognized
  6: bool wireFields
  7: i64 reader
  8: i64 scope
  9: i64 field
  10: i64 member
  11: i64 unknownID
  12: Members indirect
  13: string encode
  14: i32 user_name
  15: i32 userName
  16: i32 Type
}

struct Fields {
  1: required string reader
  2: required i32 writer
  3: optional i64 scope
  5: optional bool init
  6: binary Type
  7: i32 field
  8: i32 fieldCount
  9: i32 hash
  10: i32 hashValue
  11: i32 encode
  12: i32 validate
  13: i32 wireType
  14: i32 wireFields
  15: i32 description
  16: i32 user_name
  17: i32 userName
  18: i32 await
  19: i32 any
  20: i32 some
  21: i32 unsafe
  22: i32 copy
  23: i32 consume
  24: i32 each
  25: i32 inout
  26: i32 let
  27: i32 operator
  28: i32 func
  29: i32 protocol
  30: i32 Fields
  31: Cases Cases
  32: list<Fields> String
  33: i32 ID
  34: i32 URLPath
  35: i32 value
  36: i32 error
  37: Fields child
  38: i32 childBox
  39: optional list<i32> tags = [1, 2, 3]
  40: i32 tagsDefault
  41: i32 newValue
  42: i32 Int32
  43: i32 _x
  44: i32 __
  45: i32 get
  46: i32 did
  47: i32 willSet
  48: i32 left, 49: i32 right, 50: i32 infix, 51: i32 open, 54: i32 discard
  57: i32 borrowing, 58: i32 sending, 60: i32 macro, 61: i32 repeat_, 62: i32 Any
  64: i32 lazy, 65: i32 weak, 66: i32 unowned, 67: i32 mutating, 68: i32 override, 69: i32 convenience
  70: i32 thriftBinarySize, 71: i32 member, 72: i32 isolated, 73: i32 nonisolated, 74: i32 actor, 75: i32 unknownID
}

const i32 init = 2
const i32 MAX_KEYS = 10000
const string Type = "type"
const list<Cases> cases = [Cases.none, Cases.IF_ABSENT, Cases.aliasTwo, 101]

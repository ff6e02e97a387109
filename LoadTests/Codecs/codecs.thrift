// What the codec benchmark (`needletail-load codecs`) encodes and decodes: one shape each of what services send most.

namespace cpp codecs
namespace swift needletail_load

/** A small struct: a fixed part, a short string, a key, and optional fields, one of which is absent. */
struct SmallRecord {
  1: required i64 timestampMillis,
  2: required i32 sequence,
  3: required string name,
  4: required binary key,
  5: required bool isFinal,
  6: required double amount,
  7: optional i64 ttlMillis,
  8: optional string note,
}

/** A list of binaries, as a multiGet asks for it. */
struct KeyList {
  1: required list<binary> keys,
}

/** A tree, as deep as its nodes make it. */
struct TreeNode {
  1: required string name,
  2: required i64 number,
  3: required list<TreeNode> children,
}

# expect: unknown type 'shared.Nothing'
include "shared.thrift"
struct S { 1: shared.Nothing n }

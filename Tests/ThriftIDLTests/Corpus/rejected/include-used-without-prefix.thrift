# expect: unknown type 'Point': did you mean 'shared.Point'?
include "shared.thrift"
struct S { 1: Point p }

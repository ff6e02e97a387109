# expect: unknown type 'shared.Point': no included file is called 'shared'
include "nested.thrift"
struct S { 1: shared.Point p }

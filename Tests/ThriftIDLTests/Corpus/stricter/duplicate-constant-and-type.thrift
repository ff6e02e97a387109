# thriftgo refuses it: in most languages both names are in one scope.
# expect: duplicate definition 'A'
const i32 A = 1
struct A { 1: i32 a }

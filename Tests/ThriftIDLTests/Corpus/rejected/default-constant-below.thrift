# expect: the constant 'A' is defined only below, at line 3
struct S { 1: i32 a = A }
const i32 A = 1

# expect: the constant 'B' is defined only below, at line 3
const i32 A = B
const i32 B = 1

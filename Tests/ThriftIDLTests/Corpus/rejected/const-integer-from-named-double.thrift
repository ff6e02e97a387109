# expect: found 'A', which is 5.0
const double A = 5.0
const i32 B = A

# expect: a struct is written out
struct P { 1: i32 x }
const P A = {"x": 1}
const P B = A

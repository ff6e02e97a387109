# expect: expected a value of type P, found a list
struct P { 1: i32 x }
const P A = []

# expect: expected the name of a field of P in quotes, found the number 1
struct P { 1: i32 x }
const P A = {1: 1}

# expect: P has no field 'y'
struct P { 1: i32 x }
const P A = {"y": 1}

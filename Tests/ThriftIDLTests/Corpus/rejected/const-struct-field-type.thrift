# expect: expected a value of type i32 (-2147483648 to 2147483647), found the text "1"
struct P { 1: i32 x }
const P A = {"x": "1"}

# expect: expected a value of type i32 (-2147483648 to 2147483647), found the text "5"
const i32 A = "5"

# expect: expected a value of type i32 (-2147483648 to 2147483647), found the number 5.0
const i32 A = 5.0

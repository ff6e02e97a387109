# expect: expected a value of type i32 (-2147483648 to 2147483647), found the text "x"
const list<i32> A = [1, "x"]

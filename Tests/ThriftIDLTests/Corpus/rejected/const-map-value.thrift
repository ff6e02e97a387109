# expect: expected a value of type i32 (-2147483648 to 2147483647), found the text "x"
const map<string, i32> A = {"a": "x"}

# Apache reads true as 1 everywhere.
# expect: expected a value of type i32 (-2147483648 to 2147483647), found 'true'
const i32 A = true

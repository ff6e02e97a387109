# expect: expected a value of type i32, found a list
const i32 A = [1]

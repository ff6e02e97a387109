# expect: expected a value, found ','
const list<i32> A = [1,,2]

# expect: found 'A', which is a text
const string A = "x"
const i32 B = A

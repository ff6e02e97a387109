# expect: expected the constant's name, found the number 0
const i32 0A = 5

# expect: is a reserved word: expected another name
const i32 self = 1

# expect: expected '=' after the constant's name, found the end of the file
const i32 A

# expect: unknown constant 'B'
const i32 A = B

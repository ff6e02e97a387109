# expect: unknown constant 'E.B'
enum E { A }
const i32 X = E.B

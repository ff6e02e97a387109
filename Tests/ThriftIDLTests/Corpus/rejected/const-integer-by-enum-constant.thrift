# expect: expected a value of type i32, found 'X' of type E
enum E { A }
const E X = E.A
const i32 Y = X

# expect: expected a member of E, found 'X'
enum E { A }
const E X = E.A
const E Y = X

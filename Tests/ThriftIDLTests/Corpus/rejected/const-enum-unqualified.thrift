# expect: expected a member of E, found 'A': did you mean 'E.A'?
enum E { A, B }
const E X = A

# expect: expected a member of E, found 'E.C'
enum E { A, B }
const E X = E.C

# expect: expected a member of E, found the number 5
enum E { A, B }
const E X = 5

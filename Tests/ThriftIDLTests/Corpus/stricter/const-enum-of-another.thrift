# Apache looks only at the last part of the name.
# expect: expected a member of E, found 'F.A': did you mean 'E.A'?
enum E { A }
enum F { A }
const E X = F.A

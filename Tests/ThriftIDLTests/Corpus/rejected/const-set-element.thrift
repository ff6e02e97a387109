# expect: expected a value of type string, found the number 1
const set<string> A = [1]

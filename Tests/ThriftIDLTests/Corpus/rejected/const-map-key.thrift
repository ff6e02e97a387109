# expect: expected a value of type string, found the number 1
const map<string, i32> A = {1: 1}

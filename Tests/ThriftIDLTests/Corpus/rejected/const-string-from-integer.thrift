# expect: expected a value of type string, found the number 5
const string A = 5

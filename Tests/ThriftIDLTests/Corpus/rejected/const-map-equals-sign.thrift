# expect: expected ':' between key and value, found '='
const map<i32, i32> A = {1 = 2}

# Apache takes any value for a container, as an empty one.
# expect: expected a value of type map<i32, i32>, found the number 5
const map<i32, i32> A = 5

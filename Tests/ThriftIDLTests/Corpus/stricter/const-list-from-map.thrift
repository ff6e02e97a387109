# Apache takes any value for a container, as an empty one.
# expect: expected a value of type list<i32>, found a map
const list<i32> A = {1: 2}

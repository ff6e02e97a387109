# expect: expected ',' between the types of keys and values, found '>'
struct S { 1: map<i32> a }

# expect: expected '>' after the type of the elements, found ','
struct S { 1: list<i32, i32> a }

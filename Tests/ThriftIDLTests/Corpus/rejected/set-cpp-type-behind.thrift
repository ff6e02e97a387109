# expect: expected the field's name, found the keyword 'cpp_type'
struct S { 1: set<i32> cpp_type "x" a }

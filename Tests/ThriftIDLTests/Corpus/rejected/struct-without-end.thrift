# expect: expected a field or '}', found the end of the file
struct S { 1: i32 a

# expect: is a reserved word: expected another name
struct S { 1: i32 class }

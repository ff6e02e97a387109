# expect: is a reserved word: expected another name
typedef i32 native

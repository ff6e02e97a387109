# expect: duplicate definition 'A'
typedef i32 A
typedef i64 A

# expect: unknown constant 'NOTHING'
struct S { 1: i32 a = NOTHING }

# expect: duplicate definition 'A': the first is at line 2
struct A { 1: i32 a }
struct A { 1: i32 a }

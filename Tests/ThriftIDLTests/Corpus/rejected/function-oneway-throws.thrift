# expect: the oneway function 'f' throws: nobody would be told
exception X { 1: i32 a }
service S { oneway void f() throws (1: X x) }

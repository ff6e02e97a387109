# expect: unknown type 'Nothing'
struct S { 1: Nothing a }

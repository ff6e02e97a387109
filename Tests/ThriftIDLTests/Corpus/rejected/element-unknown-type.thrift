# expect: unknown type 'Nothing'
struct S { 1: map<i32, list<Nothing>> a }

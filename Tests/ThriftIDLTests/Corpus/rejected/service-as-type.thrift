# expect: expected a type, found the service 'V'
service V { void f() }
struct S { 1: V v }

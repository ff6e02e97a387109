# expect: expected a service, found the struct 'T'
struct T { 1: i32 a }
service S extends T { void f() }

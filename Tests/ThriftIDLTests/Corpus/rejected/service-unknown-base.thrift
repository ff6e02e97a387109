# expect: unknown service 'T'
service S extends T { void f() }

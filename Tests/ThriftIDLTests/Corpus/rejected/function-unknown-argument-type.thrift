# expect: unknown type 'Nothing'
service S { void f(1: Nothing a) }

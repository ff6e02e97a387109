# expect: these services extend each other in a circle: S → S
service S extends S { void f() }

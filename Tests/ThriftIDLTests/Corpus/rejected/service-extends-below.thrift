# expect: the service 'T' is defined only below, at line 3: expected it before its use
service S extends T { void f() }
service T { void g() }

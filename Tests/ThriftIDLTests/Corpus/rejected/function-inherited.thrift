# expect: 'f' is already a function of 'A', which 'C' extends
service A { void f() }
service B extends A {}
service C extends B { void f() }

struct A{1:i32 a}struct B{1:A a}enum E{X,Y}service S{A f(1:B b)}const i32 C=1

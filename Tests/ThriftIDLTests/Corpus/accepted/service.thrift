exception X { 1: i32 a }
service S {
  void a()
  i32 b(1: i32 x),
  list<string> c(1: string x; 2: map<i32, i32> y) throws (1: X x);
  oneway void d(1: i32 x)
}

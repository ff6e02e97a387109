# expect: expected the number of 'B', found 'A'
enum E { A, B = A }

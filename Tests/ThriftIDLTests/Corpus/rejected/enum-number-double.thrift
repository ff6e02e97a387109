# expect: expected the number of 'A', found the number 1.5
enum E { A = 1.5 }

# expect: duplicate member 'A': the first is at line 2
enum E { A = 1, A = 2 }

# expect: the number -2147483649 of 'A' does not fit 32 bits
enum E { A = -2147483649 }

# expect: 'B' would follow the largest number of 32 bits
enum E { A = 2147483647, B }

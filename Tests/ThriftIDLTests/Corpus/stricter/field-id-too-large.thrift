# Apache warns, and the wire gets another id: it has 16 bits for it.
# expect: the id 32768 of 'a' does not fit 16 bits
struct S { 32768: i32 a }

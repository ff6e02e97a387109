enum Color { RED, GREEN }
struct Point { 1: i32 x, 2: i32 y }
exception Refused { 1: string why }
typedef i64 UserID
const i32 LIMIT = 5
const list<i32> PRIMES = [2, 3, 5]
service Base { void ping() }

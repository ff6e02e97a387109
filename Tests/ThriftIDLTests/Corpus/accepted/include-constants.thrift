include "shared.thrift"
const i32 A = shared.LIMIT
const shared.Color B = shared.Color.RED
const i32 C = shared.Color.GREEN
const list<i32> D = shared.PRIMES

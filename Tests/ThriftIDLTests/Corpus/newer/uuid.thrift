# The type came with Apache 0.18.
struct S { 1: uuid id = "00112233-4455-6677-8899-aabbccddeeff" }

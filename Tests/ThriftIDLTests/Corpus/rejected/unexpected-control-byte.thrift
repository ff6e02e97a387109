# expect: the byte 0x01 has no meaning here
struct S {} 

/** file */
namespace * docs
/** s */
struct S { /** a */ 1: i32 a /** b */ 2: i32 b }
/** e */ enum E { /** A */ A /** B */ B }
/** v */ service V { /** f */ void f( /** x */ 1: i32 x) }

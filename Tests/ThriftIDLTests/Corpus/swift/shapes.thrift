namespace swift Shapes

struct Empty {}
exception EmptyError {}
union EmptyUnion {}
enum EmptyEnum {}
struct Ids { 32767: i32 last, -5: optional string negative, 0: i32 zero, i32 none, string none2, -32768: bool lowest }
struct Deep {
  1: map<string, map<i32, list<set<map<binary, list<list<binary>>>>>>> deep
  2: list<list<list<list<list<list<i32>>>>>> lists
  3: set<set<set<uuid>>> sets
  4: map<list<binary>, set<Empty>> keys
  5: optional map<Empty, EmptyUnion> structs
  6: map<double, bool> doubles
}
struct Tree { 1: string name, 2: Tree left, 3: optional Tree right, 4: list<Tree> children, 5: map<string, Tree> named }
struct A { 1: B b, 2: required string name }
struct B { 1: required C c }
struct C { 1: optional A a, 2: U u }
union U { 1: A a, 2: C c, 3: list<U> us, 4: i32 n }
struct Pair { 1: required Expr left, 2: required Expr right }
union Expr { 1: Pair sum, 2: Pair product, 3: double number, 4: string variable }
typedef list<binary> Keys
typedef binary Key
typedef Key Key2
typedef map<Key2, Tree> Forest
typedef Tree Baum
struct Uses { 1: Keys keys, 2: Key key, 3: list<Key2> keyList, 4: Forest forest, 5: Baum baum, 6: list<Baum> baeume, 7: set<Key2> s }
struct Wood { 1: Oak oak }
typedef Wood Oak

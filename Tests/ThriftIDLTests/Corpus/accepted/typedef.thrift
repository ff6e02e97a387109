typedef i64 ID
typedef list<ID> IDs,
typedef map<string, IDs> Index;
struct S { 1: Index index }

# expect: expected a definition, found '('
namespace * a (b = "c")

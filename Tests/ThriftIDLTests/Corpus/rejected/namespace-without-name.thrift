# expect: expected the namespace's name, found the end of the file
namespace cpp

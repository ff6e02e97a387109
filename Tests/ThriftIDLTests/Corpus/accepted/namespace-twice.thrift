namespace cpp a
namespace cpp b

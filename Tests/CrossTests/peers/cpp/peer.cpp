// The C++ side of the cross-test: Apache Thrift's library with the code that its compiler makes of crosstest.thrift.
// README.md in the folder above says how peers are called, and which checks they make.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <iostream>
#include <limits>
#include <mutex>
#include <sstream>
#include <thread>

#include <thrift/TApplicationException.h>
#include <thrift/TOutput.h>
#include <thrift/TToString.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/THeaderProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>
#include <thrift/transport/TSocket.h>

#include "CrossTest.h"
#include "Later.h"
#include "crosstest_constants.h"
#include "shared_constants.h"

using namespace apache::thrift;
using namespace apache::thrift::protocol;
using namespace apache::thrift::server;
using namespace apache::thrift::transport;
using namespace crosstest;
using namespace crosstest::shared;

// Generated code declares it, and leaves the order to us.
bool Point::operator<(const Point& other) const { return x != other.x ? x < other.x : y < other.y; }

namespace {

const unsigned kSecondsMax = 120;
const int kSocketMillisMax = 20000;

// MARK: Values

const crosstestConstants& table() { return g_crosstest_constants; }

Point point(int32_t x, int32_t y) {
  Point made;
  made.x = x;
  made.y = y;
  return made;
}

Choice numbered(int32_t number) {
  Choice made;
  made.__set_number(number);
  return made;
}

template <class Element>
std::set<Element> setOf(const std::vector<Element>& list) { return std::set<Element>(list.begin(), list.end()); }

/// EVERYTHING with the tables in its lists and sets.
Everything everythingAndTables() {
  Everything made = table().EVERYTHING;
  made.lists.tinies = table().BYTES;
  made.lists.smalls = table().SHORTS;
  made.lists.mediums = table().INTS;
  made.lists.larges = table().LONGS;
  made.lists.reals = table().REALS;
  made.lists.texts = table().TEXTS;
  made.lists.colors = g_shared_constants.COLORS;
  made.lists.choices = table().CHOICES;
  made.sets.tinies = setOf(table().BYTES);
  made.sets.smalls = setOf(table().SHORTS);
  made.sets.mediums = setOf(table().INTS);
  made.sets.larges = setOf(table().LONGS);
  made.sets.reals = setOf(table().REALS);
  made.sets.texts = setOf(table().TEXTS);
  made.sets.colors = setOf(g_shared_constants.COLORS);
  made.choices = table().CHOICES;
  return made;
}

/// 105,000 bytes of UTF-8.
std::string longText() {
  std::string text;
  for (int i = 0; i < 5000; i++) text += "0123456789äöü😀\n";
  return text;
}

std::string bytes(int count) {
  std::string made;
  for (int i = 0; i < count; i++) made += char((i * 7 + i / 256) & 0xFF);
  return made;
}

Tree deepTree(int depth) {
  Tree tree;
  tree.name = std::to_string(depth);
  if (depth > 0) {
    tree.children.push_back(deepTree(depth - 1));
    tree.named["leaf"] = deepTree(0);
  }
  return tree;
}

Chain chain(int length) {
  Chain made;
  made.number = length;
  if (length > 1) made.__set_rest(std::make_shared<Chain>(chain(length - 1)));
  return made;
}

// Generated code compares the addresses of what a struct refers to; these look at the values.
bool equal(const Chain& left, const Chain& right) {
  if (left.number != right.number || !left.rest != !right.rest) return false;
  return !left.rest || equal(*left.rest, *right.rest);
}

bool equal(const Folder& left, const Folder& right) {
  return left.name == right.name &&
         std::equal(left.items.begin(), left.items.end(), right.items.begin(), right.items.end(),
                    [](const Item& a, const Item& b) {
                      if (a.__isset.data != b.__isset.data || (a.__isset.data && a.data != b.data)) return false;
                      return !a.folder == !b.folder && (!a.folder || equal(*a.folder, *b.folder));
                    });
}

Folder folder() {
  Folder inner, outer;
  inner.name = "inner";
  inner.items.resize(1);
  inner.items[0].__set_data("x");
  outer.name = "outer";
  outer.items.resize(3);
  outer.items[0].__set_data("");
  outer.items[1].__set_folder(std::make_shared<Folder>(inner));
  return outer;
}

FirstRecord firstRecord() {
  FirstRecord made, part;
  part.number = 2;
  part.__set_retyped(7);
  made.number = std::numeric_limits<int32_t>::min();
  made.__set_name("first");
  FirstChoice choice;
  choice.__set_text("known to both");
  made.__set_choice(choice);
  made.__set_retyped(-7);
  made.__set_paint(Color::BLUE);
  made.__set_parts({part});
  return made;
}

/// With or without what only the second version has.
SecondRecord secondRecord(bool whole) {
  SecondRecord made, part;
  made.number = -1;
  made.__set_name("second");
  made.__set_paint(Color::XRay);
  SecondChoice choice;
  choice.__set_number(5);
  made.__set_choice(choice);
  part.number = 3;
  SecondChoice newer;
  if (whole) newer.__set_points({point(1, 2), point(3, 4)});
  part.__set_choice(newer);
  if (whole) {
    part.__set_retyped("text");
    part.__set_flag(true);
    made.__set_places({{"a", {point(1, 2)}}, {"b", {}}});
    made.__set_flag(true);
    made.__set_real(-2.5);
    made.__set_retyped("a string where a number was");
    made.__set_bytes(bytes(18));  // UTF-8: Apache's Python library decodes even what it skips
    made.__set_tiny(-8);
    made.__set_small(-16);
    made.__set_large(-64);
    made.__set_numbers(setOf(table().INTS));
    made.__set_flags(std::vector<bool>(20, true));
    made.__set_map64({{1, true}, {-1, false}});
    made.__set_everything(everythingAndTables());
    made.__set_emptyMap({});
    made.__set_no(false);
    made.__set_boxes({{{Empty(), Empty()}, {}}, {}});
  }
  made.__set_parts({part, part});
  return made;
}

// MARK: Server

class Handler : public CrossTestIf {
 public:
  void ping(std::string& result) override { result = "pong"; }
  void nothing() override {}
  void echoPoint(Point& result, const Point& value) override { result = value; }
  void complain(const bool really) override {
    if (really) throw trouble();
  }
  void note(const std::string& token, const int32_t number) override {
    std::lock_guard<std::mutex> guard(lock);
    numbers[token].push_back(number);
  }
  void notes(std::vector<int32_t>& result, const std::string& token) override {
    std::lock_guard<std::mutex> guard(lock);
    result = numbers[token];
  }
  void notePoint(const std::string& token, const Point& value) override { note(token, value.x + value.y); }

  bool echoBool(const bool value) override { return value; }
  int8_t echoByte(const int8_t value) override { return value; }
  int16_t echoShort(const int16_t value) override { return value; }
  int32_t echoInt(const int32_t value) override { return value; }
  int64_t echoLong(const int64_t value) override { return value; }
  double echoDouble(const double value) override { return value; }
  Paint echoColor(const Paint value) override { return value; }
  Moment echoMoment(const Moment value) override { return value; }
#define ECHO(method, Type) \
  void method(Type& result, const Type& value) override { result = value; }
  using Table = std::map<std::string, int32_t>;
  using Keyed = std::map<Point, std::vector<Choice>>;
  using Deep = std::map<int32_t, std::vector<std::map<std::string, std::set<int64_t>>>>;
  ECHO(echoString, std::string)
  ECHO(echoBinary, std::string)
  ECHO(echoFlags, std::vector<bool>)
  ECHO(echoLongs, std::vector<int64_t>)
  ECHO(echoBlobs, std::vector<std::string>)
  ECHO(echoWords, std::set<std::string>)
  ECHO(echoTable, Table)
  ECHO(echoKeyed, Keyed)
  ECHO(echoDeep, Deep)
  ECHO(echoEmpty, Empty)
  ECHO(echoBooleans, Booleans)
  ECHO(echoChoice, Choice)
  ECHO(echoTree, Tree)
  ECHO(echoChain, Chain)
  ECHO(echoFolder, Folder)
  ECHO(echoGaps, Gaps)
  ECHO(echoImplicit, Implicit)
  ECHO(echoRequiredness, Requiredness)
  ECHO(echoNames, Names)
  ECHO(echoEverything, Everything)
  ECHO(echoDefaults, Defaults)
  ECHO(readAsFirst, FirstRecord)
  ECHO(readAsSecond, SecondRecord)
#undef ECHO

  void everything(Everything& result) override { result = table().EVERYTHING; }
  bool isEverything(const Everything& value) override { return value == everythingAndTables(); }
  void defaults(Defaults& result) override { result = Defaults(); }
  bool areDefaults(const Defaults& value) override { return value == Defaults(); }

  void several(Several& result, const bool flag, const int8_t tiny, const int16_t small, const int32_t medium,
               const int64_t large, const double real, const std::string& text, const std::string& data,
               const std::vector<std::string>& texts, const std::map<int32_t, std::string>& names,
               const std::set<int64_t>& longs, const Point& place, const Choice& choice, const Paint color) override {
    result.flag = flag;
    result.tiny = tiny;
    result.small = small;
    result.medium = medium;
    result.large = large;
    result.real = real;
    result.text = text;
    result.bytes = data;
    result.texts = texts;
    result.names = names;
    result.numbers = longs;
    result.point = place;
    result.choice = choice;
    result.color = color;
  }

  int32_t decide(const Outcome::type outcome) override {
    if (outcome == Outcome::TROUBLE) throw trouble();
    if (outcome == Outcome::SILENCE) throw Silence();
    if (outcome == Outcome::REFUSAL) throw refusal();
    return 42;
  }
  void decideQuietly(const Outcome::type outcome) override { decide(outcome); }
  void breakDown(std::string&) override { throw std::runtime_error("broken down"); }

  static Trouble trouble() {
    Trouble made;
    made.reason = "told to";
    made.__set_color(Color::INFRARED);
    made.places = {point(1, 2), point(-1, -2)};
    return made;
  }
  static Refusal refusal() {
    Refusal made;
    made.code = -3;
    made.message = "no, não";
    made.__set_place(point(7, 8));
    return made;
  }

 private:
  std::mutex lock;
  std::map<std::string, std::vector<int32_t>> numbers;
};

struct Announcement : TServerEventHandler {
  explicit Announcement(std::shared_ptr<TServerSocket> socket) : socket(socket) {}
  void preServe() override { std::cout << "PORT " << socket->getPort() << std::endl; }
  std::shared_ptr<TServerSocket> socket;
};

struct Form {
  bool compact = false;
  bool framed = false;
  bool header = false;

  std::shared_ptr<TProtocolFactory> protocols() const {
    if (compact) return std::make_shared<TCompactProtocolFactory>();
    return std::make_shared<TBinaryProtocolFactory>();
  }
  std::shared_ptr<TTransportFactory> transports() const {
    if (framed) return std::make_shared<TFramedTransportFactory>();
    return std::make_shared<TBufferedTransportFactory>();
  }

  std::shared_ptr<TServer> server(std::shared_ptr<TProcessor> processor, std::shared_ptr<TServerTransport> socket) const {
    if (!header) return std::make_shared<TThreadedServer>(processor, socket, transports(), protocols());
    // One protocol for both directions: answers repeat what calls say.
    auto plain = std::make_shared<TTransportFactory>();
    return std::make_shared<TThreadedServer>(processor, socket, plain, plain, std::make_shared<THeaderProtocolFactory>(),
                                             nullptr);
  }
};

void serve(const Form& form, int port) {
  // Ends with its parent: when that closes our standard input, or by SIGTERM.
  signal(SIGTERM, [](int) { _exit(0); });
  std::thread([] {
    char ignored[64];
    while (read(0, ignored, sizeof ignored) > 0) {}
    _exit(0);
  }).detach();
  auto socket = std::make_shared<TServerSocket>("127.0.0.1", port);
  auto server = form.server(std::make_shared<CrossTestProcessor>(std::make_shared<Handler>()), socket);
  server->setServerEventHandler(std::make_shared<Announcement>(socket));
  server->serve();
}

// MARK: Client

struct Connection {
  Connection(const Form& form, const std::string& host, int port) {
    auto socket = std::make_shared<TSocket>(host, port);
    socket->setConnTimeout(kSocketMillisMax);
    socket->setRecvTimeout(kSocketMillisMax);
    socket->setSendTimeout(kSocketMillisMax);
    if (form.header) {
      protocol = std::make_shared<THeaderProtocol>(socket, form.compact ? T_COMPACT_PROTOCOL : T_BINARY_PROTOCOL);
      transport = protocol->getTransport();
    } else {
      transport = form.transports()->getTransport(socket);
      protocol = form.protocols()->getProtocol(transport);
    }
    transport->open();
  }
  ~Connection() { transport->close(); }
  std::shared_ptr<TTransport> transport;
  std::shared_ptr<TProtocol> protocol;
};

struct Failed : std::runtime_error {
  using runtime_error::runtime_error;
};

int failures = 0;

/// Makes a check and prints one line about it.
void check(const std::string& name, const std::function<void()>& body) {
  std::string why;
  try {
    body();
    std::cout << "ok " << name << std::endl;
    return;
  } catch (const TException& error) {
    why = std::string(typeid(error).name()) + ": " + error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  failures++;
  std::cout << "FAIL " << name << " " << why << std::endl;
}

void expect(bool holds, const std::string& what) {
  if (!holds) throw Failed(what);
}

template <class Value>
std::string shown(const Value& value) {
  std::ostringstream text;
  using apache::thrift::to_string;
  text << to_string(value);
  return text.str().substr(0, 300);
}

template <class Value>
void same(const Value& got, const Value& expected) {
  if (!(got == expected)) throw Failed("got " + shown(got) + ", not " + shown(expected));
}

/// Sends each value through a method that returns its answer.
template <class Value, class Result>
void echo(CrossTestClient& client, Result (CrossTestClient::*method)(const Value), const std::vector<Value>& values) {
  for (size_t i = 0; i < values.size(); i++) same<Value>((client.*method)(values[i]), values[i]);
}

/// Sends each value through a method that fills in its answer.
template <class Value>
void echo(CrossTestClient& client, void (CrossTestClient::*method)(Value&, const Value&),
          const std::vector<Value>& values) {
  for (const Value& value : values) {
    Value result;
    (client.*method)(result, value);
    same(result, value);
  }
}

/// Calls what must fail as `Failure`, and returns it.
template <class Failure>
Failure failure(const std::function<void()>& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure;
  }
  throw Failed("the call did not fail");
}

std::vector<int32_t> waitForNotes(CrossTestClient& client, const std::string& token, size_t count) {
  std::vector<int32_t> notes;
  for (int attempt = 0; attempt < 200 && notes.size() < count; attempt++) {
    if (attempt > 0) usleep(10000);
    client.notes(notes, token);
  }
  std::sort(notes.begin(), notes.end());
  return notes;
}

#include "checks.h"

}  // namespace

int main(int count, char** arguments) {
  alarm(kSecondsMax);
  signal(SIGPIPE, SIG_IGN);
  GlobalOutput.setOutputFunction([](const char*) {});  // that a client has gone is no news
  std::string mode, host = "127.0.0.1", serverHas;
  int port = 0;
  Form form;
  for (int i = 1; i < count; i++) {
    const std::string word = arguments[i];
    const std::string next = i + 1 < count ? arguments[i + 1] : "";
    if (word == "--serve" || word == "--call" || word == "--describe") mode = word;
    else if (word == "--framed" || word == "--unframed") form.framed = word == "--framed";
    else if (word == "--header") form.header = true;
    else if (word == "--host") host = next, i++;
    else if (word == "--server-has") serverHas = next, i++;
    else if (word == "--port") port = atoi(next.c_str()), i++;
    else if (word == "--protocol" && (next == "binary" || next == "compact")) form.compact = next == "compact", i++;
    else mode = "", i = count;
  }
  try {
    if (mode == "--describe") return std::cout << "header required undeclared" << std::endl, 0;
    if (mode == "--serve") return serve(form, port), 0;
    if (mode == "--call") return call(form, host, port, serverHas), failures == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 3;
  }
  std::cerr << "usage: peer --serve|--call|--describe [--host HOST] [--port PORT] [--protocol binary|compact] "
               "[--framed|--unframed|--header] [--server-has WORDS]" << std::endl;
  return 2;
}

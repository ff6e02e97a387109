// The checks that the C++ client makes, in the order of README.md; part of peer.cpp.

void checkValues(CrossTestClient& client) {
  using Limits64 = std::numeric_limits<int64_t>;
  using Limits32 = std::numeric_limits<int32_t>;
  using LimitsOfDouble = std::numeric_limits<double>;

  check("ping", [&] {
    std::string answer;
    client.ping(answer);
    same<std::string>(answer, "pong");
  });
  check("void", [&] { client.nothing(); });
  check("bool", [&] { echo(client, &CrossTestClient::echoBool, {true, false}); });
  check("i8", [&] { echo(client, &CrossTestClient::echoByte, table().BYTES); });
  check("i16", [&] { echo(client, &CrossTestClient::echoShort, table().SHORTS); });
  check("i32", [&] {
    echo(client, &CrossTestClient::echoInt, table().INTS);
    same(client.echoInt(Limits32::min()), Limits32::min());
  });
  check("i64", [&] {
    echo(client, &CrossTestClient::echoLong, table().LONGS);
    same(client.echoLong(Limits64::min()), Limits64::min());
  });
  check("double", [&] { echo(client, &CrossTestClient::echoDouble, table().REALS); });
  check("double-special", [&] {
    for (double value : {-0.0, LimitsOfDouble::infinity(), -LimitsOfDouble::infinity(), LimitsOfDouble::denorm_min(),
                         LimitsOfDouble::min(), -LimitsOfDouble::max(), 4503599627370497.5, 1e-300}) {
      const double got = client.echoDouble(value);
      expect(memcmp(&got, &value, sizeof got) == 0, shown(value) + " came back as " + shown(got));
    }
    expect(std::isnan(client.echoDouble(LimitsOfDouble::quiet_NaN())), "NaN came back as a number");
  });
  check("string", [&] {
    echo(client, &CrossTestClient::echoString, table().TEXTS);
    echo(client, &CrossTestClient::echoString, {std::string("a\0b", 3), "e\u0301 and \u00e9", "\U0010FFFF"});
  });
  check("string-large", [&] { echo(client, &CrossTestClient::echoString, {longText()}); });
  check("binary", [&] { echo(client, &CrossTestClient::echoBinary, {"", "a", "\xff\xfe", bytes(256), bytes(4096)}); });
  check("binary-large", [&] { echo(client, &CrossTestClient::echoBinary, {bytes(100000)}); });
  check("enum", [&] { echo(client, &CrossTestClient::echoColor, g_shared_constants.COLORS); });
  check("enum-unknown", [&] {
    echo(client, &CrossTestClient::echoColor, {Paint(77), Paint(0), Paint(Limits32::min())});
  });
  check("typedef", [&] {
    same(g_shared_constants.EPOCH, int64_t(1700000000000));
    echo(client, &CrossTestClient::echoMoment, {g_shared_constants.EPOCH, -1});
  });
}

void checkContainers(CrossTestClient& client) {
  check("list-lengths", [&] {
    for (int count : {0, 1, 14, 15, 16, 127, 128, 1000}) {
      std::vector<bool> flags;
      std::vector<int64_t> longs;
      for (int i = 0; i < count; i++) {
        flags.push_back(i % 3 == 0);
        longs.push_back(int64_t(i) * i * i * (i % 2 == 0 ? 1000 : -1000));
      }
      echo(client, &CrossTestClient::echoFlags, {flags});
      echo(client, &CrossTestClient::echoLongs, {longs});
    }
  });
  check("list-of-binary", [&] {
    std::vector<std::string> blobs;
    for (int i = 0; i < 40; i++) blobs.push_back(bytes(i * 10));
    echo(client, &CrossTestClient::echoBlobs, {{}, {""}, blobs});
  });
  check("set", [&] { echo(client, &CrossTestClient::echoWords, {{}, {""}, setOf(table().TEXTS)}); });
  check("map", [&] {
    std::map<std::string, int32_t> counts;
    for (int i = 0; i < 200; i++) counts["key " + std::to_string(i)] = -i;
    echo(client, &CrossTestClient::echoTable, {{}, {{"", 0}}, counts});
  });
  check("nested", [&] {
    echo(client, &CrossTestClient::echoDeep,
         {{}, table().EVERYTHING.maps.deep, {{1, {{}, {{"", {}}}, {{"a", setOf(table().LONGS)}}}}}});
  });
  check("struct-keys", [&] {
    echo(client, &CrossTestClient::echoKeyed,
         {{}, {{point(1, 2), table().CHOICES}, {point(2, 1), {}}, {g_shared_constants.ORIGIN, {numbered(1)}}}});
  });
}

void checkStructs(CrossTestClient& client) {
  const Everything& constant = table().EVERYTHING;
  check("empty-struct", [&] { echo(client, &CrossTestClient::echoEmpty, {Empty()}); });
  check("booleans", [&] {
    Booleans few;
    few.first = few.far = few.third = few.last = true;
    few.between = 0;
    echo(client, &CrossTestClient::echoBooleans, {constant.booleans, few});
  });
  check("union", [&] { echo(client, &CrossTestClient::echoChoice, table().CHOICES); });
  check("recursive-containers", [&] { echo(client, &CrossTestClient::echoTree, {constant.tree, deepTree(12)}); });
  check("recursive-optional", [&] {
    for (int length : {1, 2, 30}) {
      Chain result;
      client.echoChain(result, chain(length));
      expect(equal(result, chain(length)), "a chain of " + std::to_string(length) + " came back otherwise");
    }
  });
  check("recursive-mutual", [&] {
    Folder result;
    client.echoFolder(result, folder());
    expect(equal(result, folder()), "the folder came back otherwise");
  });
  check("gaps", [&] {
    Gaps few = constant.gaps;
    few.__isset.lastButOne = false;
    echo(client, &CrossTestClient::echoGaps, {constant.gaps, few});
  });
  check("implicit-ids", [&] { echo(client, &CrossTestClient::echoImplicit, {constant.implicit}); });
  check("required-and-optional", [&] {
    echo(client, &CrossTestClient::echoRequiredness, {constant.requiredness, table().FEW});
  });
  check("names", [&] { echo(client, &CrossTestClient::echoNames, {constant.names}); });
  check("everything", [&] {
    echo(client, &CrossTestClient::echoEverything, {constant, everythingAndTables()});
  });
  check("everything-made", [&] {
    Everything made;
    client.everything(made);
    same(made, constant);
  });
  check("everything-judged", [&] {
    expect(client.isEverything(everythingAndTables()), "the server has another EVERYTHING");
    Everything other = everythingAndTables();
    other.maps.deep[1][0]["a"].insert(4);
    expect(!client.isEverything(other), "the server does not see a difference");
  });
  check("defaults-made", [&] {
    Defaults made;
    client.defaults(made);
    same(made, Defaults());
  });
  check("defaults-judged", [&] {
    expect(client.areDefaults(Defaults()), "the server has other defaults");
    Defaults other;
    other.medium = 0;
    expect(!client.areDefaults(other), "the server does not see a difference");
  });
  check("defaults-changed", [&] {
    Defaults other;
    other.flag = false;
    other.tiny = 0;
    other.medium = 0;
    other.real = 0;
    other.text = other.bytes = "";
    other.color = Color::RED;
    other.numbers.clear();
    other.table.clear();
    other.point = point(0, 0);
    other.none = {"some"};
    other.requiredNumber = 0;
    other.__set_optionalNumber(0);
    other.__set_optionalText("");
    other.__set_optionalFlag(false);
    other.__set_optionalList({});
    other.nested.clear();
    echo(client, &CrossTestClient::echoDefaults, {Defaults(), other});
  });
}

void checkMethods(CrossTestClient& client, const std::string& serverHas) {
  check("several", [&] {
    Several sent, got;
    sent.flag = true;
    sent.tiny = -8;
    sent.small = -16;
    sent.medium = -32;
    sent.large = -64;
    sent.real = 0.5;
    sent.text = "text";
    sent.bytes = bytes(3);
    sent.texts = table().TEXTS;
    sent.names = {{1, "one"}, {-1, "minus one"}};
    sent.numbers = setOf(table().LONGS);
    sent.point = point(3, 4);
    sent.choice = numbered(9);
    sent.color = Color::ULTRA_VIOLET;
    client.several(got, sent.flag, sent.tiny, sent.small, sent.medium, sent.large, sent.real, sent.text, sent.bytes,
                   sent.texts, sent.names, sent.numbers, sent.point, sent.choice, sent.color);
    same(got, sent);
  });
  check("inherited-struct", [&] {
    Point got;
    client.echoPoint(got, point(-5, 5));
    same(got, point(-5, 5));
  });
  check("inherited-exception", [&] {
    client.complain(false);
    same(failure<Trouble>([&] { client.complain(true); }), Handler::trouble());
  });
  check("exceptions", [&] {
    same(client.decide(Outcome::ANSWER), 42);
    same(failure<Refusal>([&] { client.decide(Outcome::REFUSAL); }), Handler::refusal());
    same(failure<Trouble>([&] { client.decide(Outcome::TROUBLE); }), Handler::trouble());
    failure<Silence>([&] { client.decide(Outcome::SILENCE); });
  });
  check("exceptions-of-void", [&] {
    client.decideQuietly(Outcome::ANSWER);
    same(failure<Refusal>([&] { client.decideQuietly(Outcome::REFUSAL); }), Handler::refusal());
    same(failure<Trouble>([&] { client.decideQuietly(Outcome::TROUBLE); }), Handler::trouble());
    failure<Silence>([&] { client.decideQuietly(Outcome::SILENCE); });
  });
  if (serverHas.find("undeclared") != std::string::npos) check("exception-undeclared", [&] {
    std::string answer;
    failure<TApplicationException>([&] { client.breakDown(answer); });
    client.ping(answer);
  });
  const std::string token = "cpp " + std::to_string(getpid());
  check("oneway", [&] {
    for (int i = 1; i <= 20; i++) client.notePoint(token, point(i * 1000, -1));
    std::vector<int32_t> expected;
    for (int i = 1; i <= 20; i++) expected.push_back(i * 1000 - 1);
    same(waitForNotes(client, token, 20), expected);
  });
  check("oneway-inherited", [&] {
    client.note(token + " base", -1);
    client.note(token + " base", 1);
    same(waitForNotes(client, token + " base", 2), {-1, 1});
  });
  check("many-calls", [&] {
    for (int i = 0; i < 300; i++) same(client.echoInt(i), i);
  });
}

void checkVersions(later::LaterClient& client) {
  check("newer-to-older", [&] {
    SecondRecord got;
    client.readAsFirst(got, secondRecord(true), "an argument that the server does not know");
    same(got, secondRecord(false));
  });
  check("older-to-newer", [&] {
    FirstRecord got, expected = firstRecord();
    client.readAsSecond(got, firstRecord());
    expected.__isset.retyped = expected.parts[0].__isset.retyped = false;
    same(got, expected);
  });
  check("exception-of-another-version", [&] {
    later::LaterRefusal expected;
    expected.code = -3;
    expected.message = Handler::refusal().message;
    same(failure<later::LaterRefusal>([&] { client.decide(Outcome::REFUSAL); }), expected);
  });
  check("exception-not-declared", [&] {
    failure<TApplicationException>([&] { client.decide(Outcome::TROUBLE); });
    same(client.decide(Outcome::ANSWER), 42);
  });
  check("method-not-there", [&] {
    std::string answer;
    const auto error = failure<TApplicationException>([&] { client.notThere(answer, longText()); });
    expect(error.getType() == TApplicationException::UNKNOWN_METHOD, "type " + std::to_string(error.getType()));
    same(client.decide(Outcome::ANSWER), 42);
  });
}

void call(const Form& form, const std::string& host, int port, const std::string& serverHas) {
  {
    Connection connection(form, host, port);
    CrossTestClient client(connection.protocol);
    checkValues(client);
    checkContainers(client);
    checkStructs(client);
    checkMethods(client, serverHas);
    later::LaterClient laterClient(connection.protocol);
    checkVersions(laterClient);
  }
  // Apache's servers close the connection here; those of languages that check it at all.
  if (serverHas.find("required") == std::string::npos) return;
  check("required-missing", [&] {
    Connection connection(form, host, port);
    later::LaterClient client(connection.protocol);
    later::Loose got;
    failure<TException>([&] { client.echoRequiredness(got, later::Loose()); });
  });
}

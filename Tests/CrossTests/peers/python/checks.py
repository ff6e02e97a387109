"""The checks that the Python client makes, in the order of README.md."""

import copy
import math
import os
import struct
import time

from thrift.Thrift import TApplicationException
from thrift.protocol.TProtocol import TProtocolException
from thrift.transport.TTransport import TTransportException

from crosstest import constants
from crosstest.later.ttypes import LaterRefusal, Loose
from crosstest.shared.constants import COLORS, EPOCH, ORIGIN
from crosstest.shared.ttypes import Color, Point, Trouble
from crosstest.ttypes import Booleans, Defaults, Empty, Outcome, Refusal, Several, Silence

import identifiers
import values


def same(got, expected):
    if got != expected:
        raise AssertionError(f"got {got!r:.300}, not {expected!r:.300}")


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def echo(method, sent):
    for value in sent:
        same(method(value), value)


def failure(kind, method, *arguments):
    try:
        method(*arguments)
    except kind as error:
        return error
    raise AssertionError("the call did not fail")


def wait_for_notes(client, token, count):
    for attempt in range(200):
        notes = client.notes(token)
        if len(notes) >= count:
            break
        time.sleep(0.01)
    return sorted(notes)


def check_values(check, client):
    @check("ping")
    def _():
        same(client.ping(), "pong")

    check("void")(client.nothing)

    @check("bool")
    def _():
        echo(client.echoBool, [True, False])

    @check("i8")
    def _():
        echo(client.echoByte, constants.BYTES)

    @check("i16")
    def _():
        echo(client.echoShort, constants.SHORTS)

    @check("i32")
    def _():
        echo(client.echoInt, constants.INTS + [-2**31])

    @check("i64")
    def _():
        echo(client.echoLong, constants.LONGS + [-2**63])

    @check("double")
    def _():
        echo(client.echoDouble, constants.REALS)

    @check("double-special")
    def _():
        for value in (-0.0, math.inf, -math.inf, 5e-324, 2.2250738585072014e-308, -1.7976931348623157e308,
                      4503599627370497.5, 1e-300):
            same(struct.pack(">d", client.echoDouble(value)), struct.pack(">d", value))
        expect(math.isnan(client.echoDouble(math.nan)), "NaN came back as a number")

    @check("string")
    def _():
        echo(client.echoString, constants.TEXTS + ["a\0b", "e\u0301 and \u00e9", "\U0010FFFF"])

    @check("string-large")
    def _():
        echo(client.echoString, [values.LONG_TEXT])

    @check("binary")
    def _():
        echo(client.echoBinary, [b"", b"a", b"\xff\xfe", values.numbers(256), values.numbers(4096)])

    @check("binary-large")
    def _():
        echo(client.echoBinary, [values.numbers(100000)])

    @check("enum")
    def _():
        echo(client.echoColor, COLORS)

    @check("enum-unknown")
    def _():
        echo(client.echoColor, [77, 0, -2**31])

    @check("typedef")
    def _():
        same(EPOCH, 1700000000000)
        echo(client.echoMoment, [EPOCH, -1])


def check_containers(check, client):
    @check("list-lengths")
    def _():
        for count in (0, 1, 14, 15, 16, 127, 128, 1000):
            echo(client.echoFlags, [[i % 3 == 0 for i in range(count)]])
            echo(client.echoLongs, [[i * i * i * (1000 if i % 2 == 0 else -1000) for i in range(count)]])

    @check("list-of-binary")
    def _():
        echo(client.echoBlobs, [[], [b""], [values.numbers(i * 10) for i in range(40)]])

    @check("set")
    def _():
        echo(client.echoWords, [set(), {""}, set(constants.TEXTS)])

    @check("map")
    def _():
        echo(client.echoTable, [{}, {"": 0}, {f"key {i}": -i for i in range(200)}])

    @check("nested")
    def _():
        echo(client.echoDeep, [
            {}, constants.EVERYTHING.maps.deep, {1: [{}, {"": set()}, {"a": set(constants.LONGS)}]}])

    @check("struct-keys")
    def _():
        echo(client.echoKeyed, [
            {}, {Point(1, 2): constants.CHOICES, Point(2, 1): [], ORIGIN: [values.numbered(1)]}])


def check_structs(check, client):
    constant = constants.EVERYTHING

    @check("empty-struct")
    def _():
        echo(client.echoEmpty, [Empty()])

    @check("booleans")
    def _():
        few = Booleans(first=True, third=True, far=True, between=0, last=True)
        echo(client.echoBooleans, [constant.booleans, few])

    @check("union")
    def _():
        echo(client.echoChoice, constants.CHOICES)

    @check("recursive-containers")
    def _():
        echo(client.echoTree, [constant.tree, values.deep_tree(12)])

    @check("recursive-optional")
    def _():
        echo(client.echoChain, [values.chain(length) for length in (1, 2, 30)])

    @check("recursive-mutual")
    def _():
        echo(client.echoFolder, [values.folder()])

    @check("gaps")
    def _():
        few = copy.deepcopy(constant.gaps)
        few.lastButOne = None
        echo(client.echoGaps, [constant.gaps, few])

    @check("implicit-ids")
    def _():
        echo(client.echoImplicit, [constant.implicit])

    @check("required-and-optional")
    def _():
        echo(client.echoRequiredness, [constant.requiredness, constants.FEW])

    @check("names")
    def _():
        echo(client.echoNames, [constant.names])

    @check("everything")
    def _():
        echo(client.echoEverything, [constant, values.everything_and_tables()])

    @check("everything-made")
    def _():
        same(client.everything(), constant)

    @check("everything-judged")
    def _():
        other = values.everything_and_tables()
        expect(client.isEverything(other), "the server has another EVERYTHING")
        other.maps.deep[1][0]["a"].add(4)
        expect(not client.isEverything(other), "the server does not see a difference")

    @check("defaults-made")
    def _():
        same(client.defaults(), Defaults())

    @check("defaults-judged")
    def _():
        expect(client.areDefaults(Defaults()), "the server has other defaults")
        expect(not client.areDefaults(Defaults(medium=0)), "the server does not see a difference")

    @check("defaults-changed")
    def _():
        other = Defaults(
            flag=False, tiny=0, medium=0, real=0.0, text="", bytes=b"", color=Color.RED, numbers=[], table={},
            point=Point(0, 0), none=["some"], requiredNumber=0, optionalNumber=0, optionalText="", optionalFlag=False,
            optionalList=[], nested={})
        echo(client.echoDefaults, [Defaults(), other])


def check_methods(check, client, server_has):
    @check("several")
    def _():
        sent = Several(
            flag=True, tiny=-8, small=-16, medium=-32, large=-64, real=0.5, text="text", bytes=values.numbers(3),
            texts=constants.TEXTS, names={1: "one", -1: "minus one"}, numbers=set(constants.LONGS), point=Point(3, 4),
            choice=values.numbered(9), color=Color.ULTRA_VIOLET)
        same(client.several(**vars(sent)), sent)

    @check("inherited-struct")
    def _():
        echo(client.echoPoint, [Point(-5, 5)])

    @check("inherited-exception")
    def _():
        client.complain(False)
        same(failure(Trouble, client.complain, True), values.trouble())

    @check("exceptions")
    def _():
        same(client.decide(Outcome.ANSWER), 42)
        same(failure(Refusal, client.decide, Outcome.REFUSAL), values.refusal())
        same(failure(Trouble, client.decide, Outcome.TROUBLE), values.trouble())
        failure(Silence, client.decide, Outcome.SILENCE)

    @check("exceptions-of-void")
    def _():
        client.decideQuietly(Outcome.ANSWER)
        same(failure(Refusal, client.decideQuietly, Outcome.REFUSAL), values.refusal())
        same(failure(Trouble, client.decideQuietly, Outcome.TROUBLE), values.trouble())
        failure(Silence, client.decideQuietly, Outcome.SILENCE)

    if "undeclared" in server_has:
        @check("exception-undeclared")
        def _():
            failure(TApplicationException, client.breakDown)
            client.ping()

    token = f"python {os.getpid()}"

    @check("oneway")
    def _():
        for i in range(1, 21):
            client.notePoint(token, Point(i * 1000, -1))
        same(wait_for_notes(client, token, 20), [i * 1000 - 1 for i in range(1, 21)])

    @check("oneway-inherited")
    def _():
        client.note(token + " base", -1)
        client.note(token + " base", 1)
        same(wait_for_notes(client, token + " base", 2), [-1, 1])

    @check("many-calls")
    def _():
        echo(client.echoInt, range(300))


def check_versions(check, client):
    @check("newer-to-older")
    def _():
        got = client.readAsFirst(values.second_record(True), "an argument that the server does not know")
        same(got, values.second_record(False))

    @check("older-to-newer")
    def _():
        expected = values.first_record()
        expected.retyped = expected.parts[0].retyped = None
        same(client.readAsSecond(values.first_record()), expected)

    @check("exception-of-another-version")
    def _():
        expected = LaterRefusal(code=-3, message=values.refusal().message)
        same(failure(LaterRefusal, client.decide, Outcome.REFUSAL), expected)

    @check("exception-not-declared")
    def _():
        failure(TApplicationException, client.decide, Outcome.TROUBLE)
        same(client.decide(Outcome.ANSWER), 42)

    @check("method-not-there")
    def _():
        error = failure(TApplicationException, client.notThere, values.LONG_TEXT)
        same(error.type, TApplicationException.UNKNOWN_METHOD)
        same(client.decide(Outcome.ANSWER), 42)


def check_identifiers(check, protocol):
    @check("uuid")
    def _():
        echo(lambda value: identifiers.call(protocol, "echoUUID", value), identifiers.UUIDS)

    @check("uuid-nested")
    def _():
        echo(lambda value: identifiers.call(protocol, "echoIdentified", value), [identifiers.identified()])


def check_required(check, client):
    # Apache's servers close the connection here; those of languages that check it at all.
    @check("required-missing")
    def _():
        failure((TApplicationException, TProtocolException, TTransportException, EOFError),
                client.echoRequiredness, Loose())

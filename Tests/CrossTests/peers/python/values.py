"""The values that peers send each other, where crosstest.thrift cannot hold them."""

import copy

from crosstest import constants
from crosstest.shared.constants import COLORS
from crosstest.shared.ttypes import Color, Point, Trouble
from crosstest.ttypes import (
    Chain, Choice, Empty, FirstChoice, FirstRecord, Folder, Item, Refusal, SecondChoice, SecondRecord, Tree)

# 105,000 bytes of UTF-8.
LONG_TEXT = "0123456789äöü😀\n" * 5000


def numbers(count):
    return bytes((i * 7 + i // 256) & 0xFF for i in range(count))


def everything_and_tables():
    """EVERYTHING with the tables in its lists and sets."""
    made = copy.deepcopy(constants.EVERYTHING)
    for part, container in ((made.lists, list), (made.sets, set)):
        part.tinies = container(constants.BYTES)
        part.smalls = container(constants.SHORTS)
        part.mediums = container(constants.INTS)
        part.larges = container(constants.LONGS)
        part.reals = container(constants.REALS)
        part.texts = container(constants.TEXTS)
        part.colors = container(COLORS)
    made.lists.choices = constants.CHOICES
    made.choices = constants.CHOICES
    return made


def deep_tree(depth):
    if depth == 0:
        return Tree("0", [], {})
    return Tree(str(depth), [deep_tree(depth - 1)], {"leaf": deep_tree(0)})


def chain(length):
    return Chain(length, chain(length - 1) if length > 1 else None)


def folder():
    inner = Folder("inner", [Item(data=b"x")])
    return Folder("outer", [Item(data=b""), Item(folder=inner), Item()])


def first_record():
    return FirstRecord(
        number=-2**31, name="first", choice=FirstChoice(text="known to both"), retyped=-7, paint=Color.BLUE,
        parts=[FirstRecord(number=2, retyped=7)])


def second_record(whole):
    """With or without what only the second version has."""
    made = SecondRecord(number=-1, name="second", paint=Color.XRay, choice=SecondChoice(number=5))
    part = SecondRecord(number=3, choice=SecondChoice())
    if whole:
        part.choice.points = [Point(1, 2), Point(3, 4)]
        part.retyped = "text"
        part.flag = True
        made.places = {"a": [Point(1, 2)], "b": []}
        made.flag = True
        made.real = -2.5
        made.retyped = "a string where a number was"
        made.bytes = numbers(18)  # UTF-8: Apache's Python library decodes even what it skips
        made.tiny = -8
        made.small = -16
        made.large = -64
        made.numbers = set(constants.INTS)
        made.flags = [True] * 20
        made.map64 = {1: True, -1: False}
        made.everything = everything_and_tables()
        made.emptyMap = {}
        made.no = False
        made.boxes = [[[Empty(), Empty()], []], []]
    made.parts = [part, part]
    return made


def trouble():
    return Trouble(reason="told to", color=Color.INFRARED, places=[Point(1, 2), Point(-1, -2)])


def refusal():
    return Refusal(code=-3, message="no, não", place=Point(7, 8))


def numbered(number):
    return Choice(number=number)

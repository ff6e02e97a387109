"""What the service promises, sentence by sentence, in terms of adapters. test_behaviour.py runs it through each of them."""

from .durations import Deadlines, Durations
from .large import LargeAnswers
from .many import ManyKeys
from .messages import Messages
from .numbers import Numbers
from .scans import Scans
from .single import SingleKeys

ALL = (SingleKeys, Numbers, ManyKeys, Scans, Durations, Deadlines, Messages)

#: Only for the adapters in test_behaviour.LARGE.
LARGE = (LargeAnswers,)

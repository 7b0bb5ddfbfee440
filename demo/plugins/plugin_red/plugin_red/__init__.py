"""A plugin that has stayed with the old versions."""

import numpy
import pydantic
from google.protobuf import __version__ as protobuf_version
from google.protobuf.struct_pb2 import Struct


class Point(pydantic.BaseModel):
    """A model of whichever pydantic this plugin has."""

    x: int
    y: int


def work(values):
    """What the plugin makes of numbers, with the versions of the libraries that it has used."""
    point = Point(x=values[0], y=str(values[1]))
    message = Struct()
    message.update({"sum": float(numpy.asarray(values).sum()), "x": point.x, "y": point.y})
    found = Struct.FromString(message.SerializeToString())
    return dict(found), (pydantic.VERSION, numpy.__version__, protobuf_version)

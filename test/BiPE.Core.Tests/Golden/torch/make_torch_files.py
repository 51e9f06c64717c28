"""Makes the files of this folder as torch.save writes them, with Python's own pickle and zipfile and without PyTorch.

Modules of PyTorch's names stand in for it, so that the pickler writes the same references. The layout follows torch/serialization.py:
a zip archive whose entries are stored at multiples of 64 bytes, or, before version 1.6, pickles and storages one after another.
Run it in this folder; it always makes the same bytes. expected.json holds what the tensors are.
"""

import io
import json
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
sys.modules["torch"] = torch
sys.modules["torch._utils"] = utils

FORMATS = {"FloatStorage": "f", "HalfStorage": "e", "BFloat16Storage": None, "LongStorage": "q", "DoubleStorage": "d"}


def _rebuild_tensor_v2(*_):
    raise NotImplementedError


def _rebuild_parameter(*_):
    raise NotImplementedError


for function in (_rebuild_tensor_v2, _rebuild_parameter):
    function.__module__ = "torch._utils"
    setattr(utils, function.__name__, function)
for kind in FORMATS:
    setattr(torch, kind, type(kind, (), {"__module__": "torch"}))


class Storage:
    def __init__(self, kind, values):
        self.kind, self.values = kind, values

    def data(self, order):
        if self.kind == "BFloat16Storage":
            return b"".join(struct.pack(order + "H", struct.unpack("<I", struct.pack("<f", v))[0] >> 16) for v in self.values)
        return b"".join(struct.pack(order + FORMATS[self.kind], v) for v in self.values)


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def __reduce_ex__(self, _):
        return _rebuild_tensor_v2, (self.storage, self.offset, self.size, self.stride, False, OrderedDict())

    def values(self):
        def walk(axis, at):
            if axis == len(self.size):
                return [self.storage.values[at]]
            return [v for i in range(self.size[axis]) for v in walk(axis + 1, at + i * self.stride[axis])]

        return walk(0, self.offset)


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, _):
        return _rebuild_parameter, (self.tensor, True, OrderedDict())


class StateDict(OrderedDict):
    """Pickled as the OrderedDict with attributes that a module's state_dict is."""

    def __reduce__(self):
        return OrderedDict, (), {"_metadata": OrderedDict({"": {"version": 1}})}, None, iter(self.items())


def state_dict():
    shared = Storage("FloatStorage", [i * 0.25 - 3 for i in range(24)])
    half = Storage("HalfStorage", [0.5, -1.25, 65504.0, 6.0e-8, 2.0, 3.0])
    brain = Storage("BFloat16Storage", [1.0, -2.5, 3.0e38, 0.0078125, 17.0, 18.0])
    tensors = StateDict()
    tensors["whole"] = Tensor(shared, 0, (4, 6), (6, 1))
    tensors["transposed"] = Tensor(shared, 0, (6, 4), (1, 6))
    tensors["rows"] = Tensor(shared, 6, (2, 6), (6, 1))
    tensors["columns"] = Tensor(shared, 2, (4, 3), (6, 1))
    tensors["every_other"] = Tensor(shared, 1, (2, 2, 3), (12, 6, 2))
    tensors["expanded"] = Tensor(shared, 5, (3, 2), (0, 1))
    tensors["scalar"] = Tensor(shared, 23, (), ())
    tensors["empty"] = Tensor(shared, 0, (0, 6), (6, 1))
    tensors["half"] = Tensor(half, 0, (2, 3), (3, 1))
    tensors["half_transposed"] = Tensor(half, 0, (3, 2), (1, 3))
    tensors["brain"] = Tensor(brain, 0, (6,), (1,))
    tensors["parameter"] = Parameter(Tensor(Storage("FloatStorage", [7.0, 8.0]), 0, (2,), (1,)))
    tensors["counter"] = Tensor(Storage("LongStorage", [5]), 0, (), ())
    tensors["double"] = Tensor(Storage("DoubleStorage", [1.5, 2.5]), 0, (2,), (1,))
    return tensors


class StoragePickler(pickle.Pickler):
    def __init__(self, file, protocol, legacy):
        super().__init__(file, protocol)
        self.legacy, self.keys, self.storages = legacy, {}, []

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        if id(value) not in self.keys:
            self.keys[id(value)] = str(94000000000000 + 64 * len(self.storages)) if self.legacy else str(len(self.storages))
            self.storages.append(value)
        name = ("storage", getattr(torch, value.kind), self.keys[id(value)], "cpu", len(value.values))
        return name + (None,) if self.legacy else name


def save_zip(path, tensors, order="<", large=False, protocol=2):
    stream = io.BytesIO()
    pickler = StoragePickler(stream, protocol, legacy=False)
    pickler.dump(tensors)
    zipfile.ZIP64_LIMIT = 0 if large else (1 << 31) - 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        entries = [("data.pkl", stream.getvalue()), ("byteorder", b"little" if order == "<" else b"big")]
        entries += [(f"data/{key}", storage.data(order)) for key, storage in enumerate(pickler.storages)]
        for name, data in entries + [("version", b"3\n")]:
            info = zipfile.ZipInfo(f"archive/{name}")
            begin = archive.fp.tell() + 30 + len(info.filename) + (20 if large else 0) + 4
            padding = -begin % 64
            info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
            archive.writestr(info, data)


def save_legacy(path, tensors):
    with open(path, "wb") as file:
        pickle.dump(0x1950A86A20F9469CFC6C, file, protocol=2)
        pickle.dump(1001, file, protocol=2)
        pickle.dump(dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4)), file, protocol=2)
        pickler = StoragePickler(file, 2, legacy=True)
        pickler.dump(tensors)
        storages = sorted((pickler.keys[id(storage)], storage) for storage in pickler.storages)
        pickle.dump([key for key, _ in storages], file, protocol=2)
        for _, storage in storages:
            file.write(struct.pack("<q", len(storage.values)) + storage.data("<"))


save_zip("zip.bin", state_dict())
save_zip("zip_protocol4.bin", state_dict(), protocol=4)
save_zip("zip_big_endian.bin", state_dict(), order=">")
save_zip("zip64.bin", state_dict(), large=True)
save_legacy("legacy.bin", state_dict())
with open("expected.json", "w") as file:
    tensors = {name: value.tensor if isinstance(value, Parameter) else value for name, value in state_dict().items()}
    json.dump(
        {name: {"shape": tensor.size, "type": tensor.storage.kind, "values": tensor.values()} for name, tensor in tensors.items()}, file, indent=1)
    file.write("\n")

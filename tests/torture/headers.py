"""Model files in their parts, and changes that know the format; each gets the parts, and returns a file."""

from __future__ import annotations

import json
import math
import random
import struct
from typing import Any, Callable

import numpy as np

NASTY: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2.5,
        -0.0,
        1e308,
        10**30,
        -(10**30),
        2**31,
        2**63,
        2**64,
        10**400,
        math.nan,
        math.inf,
    ),
    *("", "a", "\x1b[2J\x1b]0;x\x07", "\u202e", "\ud800", "\0", "\n", "x" * 100_000, [], {}, [[]], [None], {"a": 1}),
    *(["a"] * 3, [1, 2, 3], list(range(1000)), "NaN", "Infinity", "1" * 5000),
)
NAMES = (
    "W_xh",
    "b_q",
    "",
    "__metadata__",
    "\x1b[2J",
    "a/../b",
    "x" * 10_000,
    "\ud800",
    "rnn.l0_i2h_weight",
    "\0",
    "\n",
)
DTYPES = ("F64", "F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3", "C64", "", "F33", 32, None, "f32")


def taken_apart(content: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Return the tensors' header, gluonrnn's own header inside it, and the numbers."""
    end = 8 + struct.unpack("<Q", content[:8])[0]
    tensors = json.loads(content[8:end])
    return tensors, json.loads(tensors["__metadata__"]["gluonrnn"]), content[end:]


def put_together(tensors: dict[str, Any], header: Any, numbers: bytes) -> bytes:
    if header is not None:
        text = header if isinstance(header, str) else json.dumps(header)
        tensors = {**tensors, "__metadata__": {**tensors.get("__metadata__", {}), "gluonrnn": text}}
    return framed(json.dumps(tensors), numbers)


def framed(text: str, numbers: bytes) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(encoded)) + encoded + numbers


def nested(depth: int, opening: str = "[", inside: str = "", closing: str = "]") -> str:
    return opening * depth + inside + closing * depth


def a_place(value: Any, rng: random.Random) -> tuple[Any, Any]:
    """Return a container somewhere inside `value`, and a key of it."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = rng.choice(keys)
        inner = value[key]
        if not isinstance(inner, (dict, list)) or not inner or rng.random() < 0.4:
            return value, key
        value = inner


# --- changes ---


def change_header(tensors, header, numbers, rng):
    for _ in range(rng.choice((1, 1, 2))):
        container, key = a_place(header, rng)
        container[key] = rng.choice(NASTY)
    return put_together(tensors, header, numbers)


def drop_from_header(tensors, header, numbers, rng):
    container, key = a_place(header, rng)
    del container[key]
    return put_together(tensors, header, numbers)


def add_to_header(tensors, header, numbers, rng):
    container, key = a_place(header, rng)
    if isinstance(container, dict):
        container[rng.choice(("x", "\x1b[2J", "cell", "dropout", "version"))] = rng.choice(NASTY)
    else:
        container.insert(key, rng.choice(NASTY))
    return put_together(tensors, header, numbers)


def double_key(tensors, header, numbers, rng):
    text = json.dumps(header)
    key = rng.choice(list(header))
    extra = f"{json.dumps(key)}: {json.dumps(rng.choice(NASTY))}"
    text = rng.choice((f"{{{extra}, {text[1:]}", f"{text[:-1]}, {extra}}}"))
    return put_together(tensors, text, numbers)


def other_text(tensors, header, numbers, rng):
    depth = rng.choice((5, 900, 100_000))
    text = rng.choice(
        (
            *("", "{", "null", "[]", "3", '"version"', "{}", "\0", "NaN", "1" * 100_000, "1e999999", '"\\ud800"'),
            *(nested(depth), nested(depth, '{"a":', "1", "}"), json.dumps(header)[: rng.randrange(200)]),
            json.dumps(header).replace(
                '"version": ', '"version": ' + rng.choice(("0", "-", "1e0", "9", "9" * 5000, "."))
            ),
        )
    )
    return put_together(tensors, text, numbers)


def other_vocabulary(tensors, header, numbers, rng):
    chars = header["vocabulary"]
    header["vocabulary"] = rng.choice(
        (
            [*chars, "x"],
            chars[:-1],
            chars[::-1],
            [*chars[:-1], chars[0]],
            [*chars[:-1], rng.choice(("\x1b", "\r", "\u202e", "\ud800", "\udfff", "ab", "", "\0"))],
            "".join(chars),
            [chr(code) for code in range(rng.choice((1, 1000, 30_000)))],
            {char: number for number, char in enumerate(chars)},
        )
    )
    return put_together(tensors, header, numbers)


def other_sizes(tensors, header, numbers, rng):
    name = rng.choice(("num_hiddens", "num_steps", "batch_size", "num_epochs", "pred_len", "pred_period"))
    header["options"][name] = rng.choice((0, 1, 2, 7, 10**6, 10**9, 2**31, 2**63, 10**30, -1, 10**4000))
    return put_together(tensors, header, numbers)


def long_history(tensors, header, numbers, rng):
    entry = rng.choice(([1, 2.0, 0.5], [1, "inf", 0], [], [1], "abc", 7, [10**30, 1e308, -1.0], [1, 10**400, 2]))
    header["history"] = [entry] * rng.choice((1, 10, 1000, 50_000))
    return put_together(tensors, header, numbers)


def change_tensor(tensors, header, numbers, rng):
    entry = tensors[rng.choice([name for name in tensors if name != "__metadata__"])]
    key = rng.choice(("dtype", "shape", "data_offsets"))
    if key == "dtype":
        entry[key] = rng.choice(DTYPES)
    elif rng.random() < 0.3:
        entry[key] = rng.choice(NASTY)
    else:
        place = rng.randrange(len(entry[key]))
        old = entry[key][place]
        entry[key][place] = rng.choice(
            (0, 1, old + 1, old - 1, -1, 2**31, 2**40, 2**63, 2**64 - 1, 2**64, 10**30, "4", 4.0)
        )
    return put_together(tensors, None, numbers)


def swap_tensors(tensors, header, numbers, rng):
    names = [name for name in tensors if name != "__metadata__"]
    one, other = rng.sample(names, 2)
    keys = rng.choice((["shape"], ["data_offsets"], ["shape", "data_offsets"]))
    for key in keys:
        tensors[one][key], tensors[other][key] = tensors[other][key], tensors[one][key]
    return put_together(tensors, None, numbers)


def rename_tensor(tensors, header, numbers, rng):
    name = rng.choice([name for name in tensors if name != "__metadata__"])
    tensors[rng.choice(NAMES)] = tensors.pop(name) if rng.random() < 0.7 else dict(tensors[name])
    return put_together(tensors, None, numbers)


def add_tensor(tensors, header, numbers, rng):
    size = rng.choice((0, 4, 4096, 1 << 20))
    tensors[rng.choice(NAMES)] = {
        "dtype": "F32",
        "shape": [size // 4],
        "data_offsets": [len(numbers), len(numbers) + size],
    }
    return put_together(tensors, None, numbers + bytes(size))


def double_tensor(tensors, header, numbers, rng):
    text = json.dumps(tensors)
    name = rng.choice(list(tensors))
    return framed(f"{text[:-1]}, {json.dumps(name)}: {json.dumps(tensors[name])}}}", numbers)


def other_metadata(tensors, header, numbers, rng):
    tensors["__metadata__"] = rng.choice(
        (
            {},
            {"format": "pt"},
            {"gluonrnn": ""},
            {"gluonrnn": {}},
            {"gluonrnn": None},
            None,
            [],
            "gluonrnn",
            {"Gluonrnn": "{}"},
        )
    )
    return put_together(tensors, None, numbers)


def other_frame(tensors, header, numbers, rng):
    text = json.dumps(tensors)
    length = rng.choice((0, 1, 7, len(text) - 1, len(text) + 1, 10**8, 10**8 + 1, 2**31, 2**63, 2**64 - 1, 0x5041_5448))
    spaces = " " * rng.choice((0, 1, 7, 100_000))
    made = struct.pack("<Q", length) + text.encode() + numbers
    return rng.choice(
        (made, framed(spaces + text, numbers), framed(text + spaces, numbers), framed(text + "{}", numbers))
    )


def nested_frame(tensors, header, numbers, rng):
    depth = rng.choice((10, 127, 129, 5000, 200_000))
    return framed(rng.choice((nested(depth), nested(depth, '{"a":', "1", "}"), nested(depth, "["))), numbers)


def other_numbers(tensors, header, numbers, rng):
    values = np.frombuffer(numbers, dtype="float32").copy()
    if rng.random() < 0.5:
        values[rng.randrange(len(values))] = rng.choice((math.nan, math.inf, -math.inf, 3e38, -3e38, 1e-45))
    else:
        values = np.frombuffer(bytes(rng.randrange(256) for _ in range(len(numbers))), dtype="float32")
    return put_together(tensors, None, values.tobytes())


def other_order(tensors, header, numbers, rng):
    """What stands in another order means the same."""
    names = list(tensors)
    rng.shuffle(names)
    header = {name: header[name] for name in rng.sample(list(header), len(header))}
    return put_together({name: tensors[name] for name in names}, header, numbers)


SAME = (other_order,)
STRUCTURED: tuple[Callable[..., bytes], ...] = (
    *(change_header, change_header, change_header, drop_from_header, add_to_header, double_key, other_text),
    *(
        other_vocabulary,
        other_sizes,
        long_history,
        change_tensor,
        change_tensor,
        swap_tensors,
        rename_tensor,
        add_tensor,
    ),
    *(double_tensor, other_metadata, other_frame, nested_frame, other_numbers, other_order),
)

"""Small safetensors files for check-safetensors.py: good ones, and others that have been changed in one of many ways, most of them broken.

A kind changes the header before it is written (TREES), its text (TEXTS) or the whole file (FILES); file_of makes one. All dice are
random.Random.
"""
import json
import math
import re
import struct

BITS = {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
        "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64,
        "U64": 64}  # fmt: skip
NAMES = ["a", "unet/conv_in.weight", "", " ", "é", "名前", "😀", "a\"b\\c/d", "\0\n\t\x1f", "\u2028", "\x7f", "__metadata", "x" * 300]


class Raw(str):
    """JSON, or what passes for it, as it stands."""


class Pairs(list):
    """An object, whose keys may come twice."""


def written(value, ascii_only, comma):
    if isinstance(value, Raw):
        return value
    if isinstance(value, Pairs):
        return "{" + comma.join(f"{written(k, ascii_only, comma)}:{written(v, ascii_only, comma)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + comma.join(written(each, ascii_only, comma) for each in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def data_of(dice, dtype, size):
    if dtype != "F64":
        return dice.randbytes(size)
    # of random bits, hardly any would be in the range of a float, or NaN
    values = [dice.uniform(-2, 2) * 2.0 ** dice.randint(-152, 130) for _ in range(size // 8)]
    return struct.pack(f"<{len(values)}d", *(dice.choices([value, math.nan, -math.inf], [8, 1, 1])[0] for value in values))


def good(dice):
    """The header of a file that follows the format, and the tensors' bytes."""
    header, data = Pairs(), b""
    for number, name in enumerate(dice.sample(NAMES, dice.choice([0, 1, 1, 2, 3, 5]))):
        dtype = dice.choice(list(BITS))
        shape = [dice.choice([0, 1, 1, 2, 3, 4, 5]) for _ in range(dice.randint(0, 5))]
        if math.prod(shape) * BITS[dtype] % 8:
            shape[-1:] = [4]
        size = math.prod(shape) * BITS[dtype] // 8
        fields = Pairs([("dtype", dtype), ("shape", shape), ("data_offsets", [len(data), len(data) + size])])
        dice.shuffle(fields)
        header.append((f"{name}{number}" if dice.random() < 0.5 else name, fields))
        data += data_of(dice, dtype, size)
    dice.shuffle(header)
    if dice.random() < 0.4:
        metadata = [Pairs((k, dice.choice(NAMES)) for k in dice.sample(NAMES, dice.randint(0, 3))), None]
        header.insert(dice.randint(0, len(header)), ("__metadata__", dice.choices(metadata, [9, 1])[0]))
    return header, data


def add(header, data, dtype, shape, content=b"", *more, name="added"):
    """Another tensor, behind the others."""
    fields = [("dtype", dtype), ("shape", shape), ("data_offsets", [len(data), len(data) + len(content)]), *more]
    header.append((name, Pairs(fields)))
    return data + content


def tensors(header):
    return [described for name, described in header if name != "__metadata__"]


def change(key, changed):
    """A kind of files in which one field of one tensor is not what it should be."""

    def mutate(dice, header, data):
        fields = dice.choice(tensors(header))
        at = [name for name, _ in fields].index(key)
        fields[at] = (key, changed(dice, fields[at][1]))
        return data

    return mutate


def odd_number(dice, n):
    texts = [f"{n}.0", f"{n}e0", f"{n}.5", f"-{n}", f"0{n}", f"+{n}", f'"{n}"', f"[{n}]", "-0", "1e3", "NaN"]
    return dice.choice([*map(Raw, texts), -1, 2**31, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30, None, True, n + 2**64])


def odd_list(dice, numbers):
    if numbers and dice.random() < 0.7:
        at = dice.randrange(len(numbers))
        return numbers[:at] + [odd_number(dice, numbers[at])] + numbers[at + 1 :]
    return dice.choice([[], None, "0", 0, Pairs(), numbers + [2], numbers[:-1], [numbers]])


def moved(dice, offsets):
    begin, end = offsets
    by = dice.choice([-2, -1, 1, 2, 10**6])
    return dice.choice([[end, begin], [begin + by, end + by], [begin, end + by], [begin + by, end]])


def misshapen(dice, shape):
    return dice.choice([shape + [2], shape[:-1], [n + 1 for n in shape], [max(n - 1, 0) for n in shape], shape + [0], shape + [1]])


def odd_dtype(dice, dtype):
    raw = map(Raw, [f'{{"{dtype}":null}}', f'["{dtype}"]', f'"\\u{ord(dtype[0]):04x}{dtype[1:]}"', '"\\ud800"', "8", "null"])
    return dice.choice([dtype.lower(), dtype + " ", "", "C128", "F8", "I4", dice.choice(list(BITS)), *raw])


def shift(dice, header, data):
    """A gap before some tensor, or an overlap; all behind it agree, and so does the file's length."""
    data = add(header, data, "U8", [3], b"123")
    offsets = [dict(fields)["data_offsets"] for fields in tensors(header)]
    by, start = dice.choice([-2, -1, 1, 2]), dice.choice(offsets)[0]
    for each in offsets:
        each[:] = [n + by for n in each] if each[0] >= start else each
    return data + bytes(by) if by > 0 else data[:by]


def large(dice, header, data):
    most = 2**31 - 1
    shapes = [[most] * 3, [most] * 3 + [0], [most, most, 3, 0], [most, most, 0], [0, most, most, most], [2**32, 2**32, 0], [0, 2**31],
              [0, 2**32, 2**32], [2**61, 8], [2**63, 2], [0, 2**64 - 1], [0, 2**64], [2**16] * 4, [2**16] * 4 + [0]]  # fmt: skip
    return add(header, data, dice.choice(["U8", "F4", "F64"]), dice.choice(shapes))


def ignored_field(dice, header, data):
    """Of one that no reader asks for, only the JSON counts."""
    numbers = ["1e308", "1e999", "-1e999", "1e-999", "1" * 40, "1" * 400, "1." + "1" * 1500, "-0", "01", "1.", "NaN", "-Infinity"]
    texts = ["null", '"text"', "[1,[2]]", "tru", '{"k":1}', '{"k":1,"k":2}', '{"\\udc00":1}']
    texts += ['"\\ud800"', '"\\ud83d\\ude00"', '"\\ude00\\ud83d"']
    return add(header, data, "U8", [1], b"1", ("note", Raw(dice.choice(numbers + texts))))


def nested(dice, header, data):
    depth = dice.choice([dice.randint(120, 130), 1000, 100_000])
    value = Raw("[" * depth + "]" * depth)
    if dice.random() < 0.7:
        return add(header, data, "U8", [1], b"1", ("note", value))
    header.append((dice.choice(["deep", "__metadata__"]), value))
    return data


def missing_field(dice, header, data):
    fields = dice.choice(tensors(header))
    fields.pop(dice.randrange(3))
    return data


def field_twice(dice, header, data):
    fields = dice.choice(tensors(header))
    fields.insert(dice.randint(0, 3), dice.choice(fields))
    return data


def key_twice(dice, header, data):
    """The same of a tensor or of the metadata again, or another's under the same name."""
    name, described = dice.choice(header)
    header.insert(dice.randint(0, len(header)), (name, dice.choice([described, dice.choice(tensors(header))])))
    return data


def odd_tensor(dice, header, data):
    at = dice.choice([i for i, (name, _) in enumerate(header) if name != "__metadata__"])
    name, fields = header[at]
    in_order = [dict(fields)[key] for key in ("dtype", "shape", "data_offsets")]
    header[at] = (name, dice.choice([None, [], Pairs(), "U8", 1, in_order, in_order[::-1], in_order + [1], [fields]]))
    return data


def odd_metadata(dice, header, data):
    texts = ["null", "{}", "[]", '"x"', "1", '[["k","v"]]', '{"k":1}', '{"k":null}', '{"k":{"k":"v"}}', '{"k":["v"]}', '{"k":true}',
             '{"k":"1","k":"2"}', '{"k":"\\ud800"}', '{"\\udc00":"v"}', '{"k":"\\ud83d\\ude00"}', '{"\\u0000":""}', '{1:"v"}']  # fmt: skip
    header.append((dice.choice(["__metadata__", Raw('"\\u005f_metadata__"')]), Raw(dice.choice(texts))))
    return data


def in_string(*inserts):
    """A kind of files with something behind a quotation mark, which mostly is inside of a string."""

    def mutate(dice, text):
        at = dice.choice([found.end() for found in re.finditer(b'"', text)])
        return text[:at] + dice.choice(inserts) + text[at:]

    return mutate


def flipped(dice, text):
    text = bytearray(text)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        text[dice.randrange(len(text))] = dice.choice([dice.randrange(256), dice.choice(b' \t"{}[]:,.-+eE0123456789\\u_')])
    return bytes(text)


def spliced(dice, text):
    start, end = sorted(dice.randint(0, len(text)) for _ in range(2))
    return dice.choice([text[:start] + text[end:], text[:end] + text[start:], text[:start] + text[start + 1 :], text[:start]])


def not_quite_json(dice, text):
    at = dice.choice([found.end() for found in re.finditer(rb"[{}\[\],:]", text)])
    inserts = [b"//x\n", b"/*x*/", b"#x\n", b",", b"NaN,", b"null", b"'", b";"]
    inserts += [b" \t\r\n", b"\0", b"\f", b"\x1e", b"\xc2\xa0", b"\xef\xbb\xbf"]
    whole = [text.replace(*pair) for pair in [(b'"', b"'"), (b":", b"="), (b"}", b",}"), (b"]", b",]"), (b"[", b"(")]]
    whole.append(re.sub(rb'"(\w+)":', rb"\1:", text))
    return dice.choice([text[:at] + each + text[at:] for each in inserts] + whole)


def padded(dice, text):
    padding = dice.choice([b" ", b"\n", b" \t\r\n", b"\0", b"\f", b"\xc2\xa0", b"\xef\xbb\xbf", b"{}", b"x", b","]) * dice.randint(1, 8)
    return dice.choice([text + padding, padding + text])


def no_object(dice, text):
    around = [b"[" + text + b"]", b"{" + text + b"}", text[1:], text[:-1]]
    return dice.choice([b"", b"{}", b"[]", b"null", b"1", b'"x"', b"{", b"}", b" ", *around])


def wrong_length(dice, content):
    (n,) = struct.unpack_from("<Q", content)
    near = [n - 1, n + 1, n - 9, n + 9, 2 * n, 0, 10**8, 10**8 + 1]
    far = [2**31, 2**32 + n, 2**63 - 1, 2**63, 2**63 + n, 2**64 - 1, 2**64 - n, n << 56]
    return struct.pack("<Q", dice.choice(near + far) % 2**64) + content[8:]


def stranger(dice, content):
    starts = [b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", b"PK\3\4", b"\x80\2}q\0.", b"GGUF\3\0\0\0", b"{}", bytes(8)]
    return dice.choice(starts) + dice.randbytes(dice.choice([0, 1, 100]))


TREES = {
    "offsets moved": change("data_offsets", moved),
    "offsets odd": change("data_offsets", odd_list),
    "shape odd": change("shape", odd_list),
    "shape and size disagree": change("shape", misshapen),
    "dtype odd": change("dtype", odd_dtype),
    "gap or overlap": shift,
    "large shape": large,
    "many dimensions": lambda dice, header, data: add(header, data, "U8", [1] * dice.randint(60, 70), b"1"),
    "field missing": missing_field,
    "field twice": field_twice,
    "field to ignore": ignored_field,
    "key twice": key_twice,
    "tensor odd": odd_tensor,
    "metadata odd": odd_metadata,
    "deep": nested,
}
TEXTS = {
    "UTF-8": in_string(b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xf0\x9f\x98\x80"),
    "control character": in_string(*(bytes([n]) for n in [*range(32), 127])),
    "escape": in_string(*rb"\x41 \u12 \u00g0 \/ \' \u0041 \U0041 \ud800 \ud83d\ude00 \ude00\ud83d \ \0 \u0000".split()),
    "not quite JSON": not_quite_json,
    "padded": padded,
    "not an object": no_object,
    "bytes changed": flipped,
    "pieces cut or doubled": spliced,
}
FILES = {
    "header's length": wrong_length,
    "cut short": lambda dice, content: content[: dice.randrange(len(content))],
    "too long": lambda dice, content: content + dice.randbytes(dice.randint(1, 9)),
    "under eight bytes": lambda dice, content: content[: dice.randrange(9)],
    "something else": stranger,
}
KINDS = ["good"] * 6 + [*TREES, *TEXTS, *FILES]


def file_of(kind, dice):
    header, data = good(dice)
    if kind != "good":
        data = add(header, data, "U16", [2, 1], b"1234", name="victim")
        dice.shuffle(header)
    if kind in TREES:
        data = TREES[kind](dice, header, data)
    text = written(header, dice.random() < 0.5, dice.choice([",", ", ", " ,\n\t"])).encode()
    text = TEXTS[kind](dice, text) if kind in TEXTS else text + b" " * dice.choice([0, -len(text) % 8])
    content = struct.pack("<Q", len(text)) + text + data
    return FILES[kind](dice, content) if kind in FILES else content

"""Writes the tokeniser fixtures beside this file.

It trains one small vocabulary per family on the sentences below, then records what the reference tokenisers make of
1,000 strings. Run with Python 3.11 and `tokenizers==0.21.4 transformers==4.49.0 sentencepiece==0.2.3`:

    python export_tokenizers.py [folder with clip/bpe_simple_vocab_16e6.txt.gz]

The argument adds the ids of CLIP's own vocabulary, which is not part of this repository. Same inputs, same bytes.

Control tokens written out in a text are text here (`encode_special_tokens`), as in Tintype.
"""

import collections
import gzip
import io
import json
import math
import os
import random
import re
import string
import sys
import tempfile
import unicodedata

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import CLIPTokenizer, SiglipTokenizer
from transformers.convert_slow_tokenizer import CLIPConverter

HERE = os.path.dirname(os.path.abspath(__file__))

SUBJECTS = "a dog|two dogs|the old man|a little girl|a runner|three cyclists|the bride|a black cat|my friends|a red car"
VERBS = "runs along|is sitting on|jumps over|looks at|walks through|plays near|sleeps under|is standing beside"
PLACES = "the beach|a snowy mountain|an empty street|the kitchen table|a wooden bridge|the finish line|a green field|an old church"
ENDINGS = "at sunset|in the rain|with a blue umbrella|while people watch|in 2024|before breakfast|on a cloudy day|"
EXTRA = [
    "Don't worry, it's only a photograph; we'll take another one and you've got time.",
    "I'm sure they're late: she'd say he isn't coming.",
    "Bib number 1024 crossed the line after 3 hours, 27 minutes and 5 seconds.",
    "Aperture f/2.8, shutter 1/500 s, ISO 400, focal length 85mm, taken with a NIKON D750.",
    "Café, naïve, façade, jalapeño, Zürich, smörgåsbord, Łódź, São Paulo, Ångström.",
    "Блестящее море и красное солнце. Η θάλασσα είναι ήρεμη.",
    "夕日の海と富士山。一只狗在海滩上奔跑。바다와 산.",
    "Sunset over the sea with sailing boats, pink clouds and a lighthouse in the distance.",
    "portrait of a smiling woman, close-up, shallow depth of field, black & white",
]


def corpus():
    lines = list(EXTRA) * 3
    for subject in SUBJECTS.split("|"):
        for verb in VERBS.split("|"):
            for place in PLACES.split("|"):
                for ending in ENDINGS.split("|")[:4]:
                    lines.append(f"{subject} {verb} {place} {ending}".strip())
    return lines


def strings():
    """1,000 different strings, from everyday queries to what no one would type."""
    rng = random.Random(20241126)
    subjects, verbs, places, endings = (text.split("|") for text in (SUBJECTS, VERBS, PLACES, ENDINGS))
    out = [
        "", " ", "   ", "\t", "\n", "\r\n", " \t\n ", "\u00a0", "\u3000", "\u2028", "\u200b", "\ufeff", "\0", "\x07bell", "a\0b",
        "a", "A", "é", "e\u0301", "ß", "ẞ", "İ", "ı", "Σίσυφος", "ΣΑΣ", "ǆ", "ﬁ", "ﬃ", "ſ", "Å", "\u212b", "½", "²", "Ⅷ", "①", "㎏", "㍿",
        "'", "''", "'s", "'S", "’s", "don't", "DON'T", "don’t", "you'll've", "'tis", "rock 'n' roll", "o'clock's", "'ll'", "x'd'm",
        "<|startoftext|>", "<|endoftext|>", "[CLS] [SEP] [UNK] [MASK] [PAD]", "</s><unk><pad>", "a<|endoftext|>b", "▁", "▁▁a ▁", "##s ##ing",
        "</w>", "a</w>", "Ġ", "ĠaĊ", "�", "\U0010ffff", "\ue000 private", "\u202eright to left\u202c", "soft\u00adhyphen", "zero\u200dwidth",
        "👍", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️ love", "☃", "smile :-)", "¯\\_(ツ)_/¯", "✓ done", "™®©", "€5.00", "£3", "¥1,000",
        "北京", "北京 photo", "東京タワー", "ひらがな", "ｶﾀｶﾅ", "Ｆｕｌｌｗｉｄｔｈ １２３", "서울", "กรุงเทพ", "हिन्दी", "العربية", "עִבְרִית", "ქართული", "አማርኛ", "தமிழ்",
        "Ελληνικά", "Русский язык", "ё й", "Việt Nam", "Tiếng Việt", "ŁÓDŹ", "Æsir Øre", "naïve café", "nai\u0308ve cafe\u0301", "q\u0323\u0307", "Z̸̢a̷l̴g̶o",
        "https://example.org/a?b=c&d=%20#e", "first.last+tag@example.org", "C:\\photos\\IMG_0001.JPG", "/home/me/2024-06-01/DSC_1234.NEF",
        "SELECT * FROM photos WHERE name = 'x'; --", "rating:>=4 AND camera:\"NIKON D750\"", "{\"a\": [1, 2.5, null]}", "<b>bold</b> &amp; &lt;",
        "1234567890", "3.14159", "1,000,000", "2024-06-01T12:34:56Z", "f/2.8", "1/500", "ISO400", "85mm", "x264", "v1.2.3-rc4", "007", "½ cup",
        "a" * 300, "ab" * 400, "no-space-" * 60, "word " * 200, "!?" * 150, "é" * 120, "漢" * 120, "👍" * 90, " " * 200 + "x", "x" + " " * 200,
        "a  b   c    d", " leading", "trailing ", "\ttab\tseparated\t", "line\nbreak\r\nand\n\nmore", "a\u00a0b\u2009c\u3000d", "...", "…", "—dash–dash-", "(a)[b]{c}",
        "snake_case camelCase PascalCase kebab-case", "ALL CAPS SHOUTING", "mIxEd CaSe", "ÀÉÎÕÜ", "àéîõü", "I.B.M.", "U.S.A.", "e.g., i.e.", "Mr. & Mrs. O'Neil",
    ]
    for _ in range(330):
        text = " ".join(part for part in (rng.choice(subjects), rng.choice(verbs), rng.choice(places), rng.choice(endings)) if part)
        kind = rng.randrange(6)
        if kind == 0:
            text = text.upper()
        elif kind == 1:
            text = text.title() + rng.choice([".", "!", "?", "..."])
        elif kind == 2:
            text = text.replace(" ", rng.choice(["  ", "\t", "\n", "\u00a0", ", ", "-", "_"]))
        elif kind == 3:
            text = f"a photo of {text}, {rng.randrange(3000)}"
        elif kind == 4:
            text = "".join(c for c in text if rng.random() > 0.06)
        out.append(text)
    words = re.findall(r"\S+", " ".join(EXTRA))
    for _ in range(150):
        out.append(rng.choice(["", " "]) + rng.choice([" ", "  ", ""]).join(rng.choice(words) for _ in range(rng.randrange(1, 12))))
    # Code points that were assigned in Unicode 3.2: every table in use agrees on most of them.
    old = unicodedata.ucd_3_2_0
    by_block = {}
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000 or old.category(chr(code)) == "Cn":
            continue
        if old.category(chr(code)) != unicodedata.category(chr(code)):
            continue
        by_block.setdefault(code // 256, []).append(chr(code))
    blocks = [chars for _, chars in sorted(by_block.items())]
    while len(set(out)) < 960:
        block = rng.choice(blocks if rng.random() < 0.5 else blocks[:40])
        text = "".join(rng.choice(block) for _ in range(rng.randrange(1, 14)))
        if rng.random() < 0.5:
            text = rng.choice(words) + rng.choice(["", " "]) + text + rng.choice(["", " "]) + rng.choice(words)
        out.append(text)
    marks = string.punctuation + " \t'’«»„“”0123456789"
    while len(set(out)) < 1000:
        out.append("".join(rng.choice(marks + "abcdeéü") for _ in range(rng.randrange(2, 24))))
    return list(dict.fromkeys(out))


def as_text(tokenizer):
    tokenizer.encode_special_tokens = True
    return tokenizer


def clip_from_merges(merges, folder):
    """CLIP's fast tokeniser over the vocabulary that `merges` imply."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = alphabet + [letter + "</w>" for letter in alphabet] + ["".join(pair) for pair in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as file:
        json.dump({token: at for at, token in enumerate(tokens)}, file)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in merges) + "\n")
    slow = CLIPTokenizer(os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt"))
    fast = CLIPConverter(slow).converted()
    fast.add_special_tokens([AddedToken("<|startoftext|>", normalized=True), AddedToken("<|endoftext|>", normalized=False)])
    return as_text(fast)


def learn_merges(words, symbols_of, joined, count):
    """Byte-pair learning, ties broken by the pair itself. (The libraries' own trainers break ties by chance.)"""
    words = [[symbols_of(word), times] for word, times in sorted(collections.Counter(words).items())]
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for symbols, times in words:
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for entry in words:
            symbols, at = entry[0], 0
            while at + 1 < len(symbols):
                if (symbols[at], symbols[at + 1]) == best:
                    symbols[at : at + 2] = [joined(*best)]
                at += 1
    return merges


def pieces_of(pre_tokenizer, normalizer=None):
    lines = (normalizer.normalize_str(line) if normalizer else line for line in corpus())
    return [word for line in lines for word, _ in pre_tokenizer.pre_tokenize_str(line)]


def train_clip(folder):
    normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    splitter = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    words = pieces_of(splitter, normalizer)
    return clip_from_merges(learn_merges(words, lambda word: [*word[:-1], word[-1] + "</w>"], str.__add__, 400), folder)


def train_gpt2():
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False)
    merges = learn_merges(pieces_of(splitter), list, str.__add__, 300)
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *dict.fromkeys("".join(pair) for pair in merges), "<|endoftext|>"]
    gpt2 = Tokenizer(models.BPE({token: at for at, token in enumerate(tokens)}, merges))
    gpt2.pre_tokenizer = splitter
    gpt2.post_processor = processors.ByteLevel(trim_offsets=False)
    gpt2.decoder = decoders.ByteLevel()
    gpt2.add_special_tokens(["<|endoftext|>"])
    return as_text(gpt2)


def train_bert():
    normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    splitter = pre_tokenizers.BertPreTokenizer()
    words = pieces_of(splitter, normalizer)
    merges = learn_merges(words, lambda word: [word[0], *("##" + c for c in word[1:])], lambda a, b: a + b[2:], 300)
    letters = sorted({c for word in words for c in word})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # Some letters only begin words and some only continue them, so that unknown words come about in every way.
    tokens = special + [c for at, c in enumerate(letters) if at % 11] + ["##" + c for at, c in enumerate(letters) if at % 7]
    tokens = list(dict.fromkeys(tokens + [a + b[2:] for a, b in merges]))
    bert = Tokenizer(models.WordPiece({token: at for at, token in enumerate(tokens)}, unk_token="[UNK]"))
    bert.normalizer = normalizer
    bert.pre_tokenizer = splitter
    bert.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    bert.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, bert.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    )
    bert.add_special_tokens(special)
    return as_text(bert)


def train_siglip(folder):
    """A SentencePiece unigram model: frequent parts of words, scored by frequency, and a character map of a few rules
    instead of all of NFKC (240 kB)."""
    rules = {"ﬁ": "fi", "ﬃ": "ffi", "①": "1", "㎏": "kg", "½": "1/2", "²": "2", "\u3000": " ", "\u00a0": " ", "\u2009": " ", "\u200b": "", "\u00ad": "",
             "e\u0301": "é", "i\u0308": "ï", "\u212b": "\u00e5", "ß": "ss", "…": "...", "\t": " ", "\n": " "}
    for at in range(94):
        rules[chr(0xFF01 + at)] = chr(0x21 + at)
    tsv = os.path.join(folder, "rules.tsv")
    with open(tsv, "w", encoding="utf-8") as file:
        for source, target in rules.items():
            codes = lambda text: " ".join(f"{ord(c):04X}" for c in text)
            file.write(f"{codes(source)}\t{codes(target)}\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line.lower() for line in corpus()), model_writer=model, vocab_size=190, model_type="unigram", pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, character_coverage=1.0, normalization_rule_tsv=tsv, num_threads=1, minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    counts = collections.Counter()
    for line in corpus():
        for word in line.lower().translate(str.maketrans("", "", string.punctuation)).split():
            word = "▁" + word
            counts.update(word[start:end] for start in range(len(word)) for end in range(start + 1, min(len(word), start + 9) + 1))
    total = sum(counts.values())
    chosen = sorted(counts, key=lambda part: (len(part) > 1, -counts[part] * len(part), part))[:480]
    del proto.pieces[3:]
    for part in chosen:
        proto.pieces.add(piece=part, score=math.log(counts[part] / total))
    # What was learned from, when and where does not matter to encoding.
    trainer = sentencepiece_model_pb2.TrainerSpec(model_type=1, vocab_size=len(proto.pieces), pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    proto.trainer_spec.CopyFrom(trainer)
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    path = os.path.join(folder, "spiece.model")
    with open(path, "wb") as file:
        file.write(proto.SerializeToString(deterministic=True))
    return path


def siglip_json(path):
    """The same model as a `tokenizer.json`, as the publishers of ONNX exports convert it."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(open(path, "rb").read())
    fast = Tokenizer(models.Unigram([(piece.piece, piece.score) for piece in proto.pieces], unk_id=2, byte_fallback=False))
    fast.normalizer = normalizers.Sequence([
        normalizers.Lowercase(),
        normalizers.Replace(Regex("[" + re.escape(string.punctuation) + "]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(),
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Replace(Regex(" {2,}"), " "),
        normalizers.Strip(),
    ])
    fast.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    fast.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    fast.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    fast.add_special_tokens([AddedToken(token, normalized=False) for token in ("<pad>", "</s>", "<unk>")])
    return as_text(fast)


def siglip_ids(path, text):
    """The authors' preparation of a text (lower case, no ASCII punctuation, single spaces) and SentencePiece itself."""
    processor = siglip_ids.processors.setdefault(path, sentencepiece.SentencePieceProcessor(model_file=path))
    # Character by character, as everywhere here; Python's own lower() treats a final sigma apart.
    text = "".join(c.lower() for c in text).translate(str.maketrans("", "", string.punctuation))
    return processor.encode(re.sub(r"[\x1c-\x1f]|(\s+)", lambda found: " " if found[1] else found[0], text).strip(" "))


siglip_ids.processors = {}


def cleaned(text):
    for source, target in [(" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re")]:
        text = text.replace(source, target)
    return text


def save(name, data):
    with open(os.path.join(HERE, name), "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed:
            packed.write(data)
    print(f"{name}: {os.path.getsize(os.path.join(HERE, name))} bytes")


def main():
    texts = strings()
    assert len(texts) == 1000 and len(set(texts)) == 1000, len(texts)
    expected = {"strings": texts}
    with tempfile.TemporaryDirectory() as folder:
        tokenizers = {"clip": train_clip(folder), "gpt2": train_gpt2(), "bert": train_bert()}
        for name, tokenizer in tokenizers.items():
            save(f"{name}.tokenizer.json.gz", json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")).encode())
            ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
            expected[name] = ids
            decoded = [tokenizer.decode(line, skip_special_tokens=True) for line in ids]
            if name == "clip":
                decoded = [text.replace("</w>", " ").strip() for text in decoded]
            if name == "bert":
                decoded = [cleaned(text) for text in decoded]
            expected[f"{name}_decoded"] = decoded
            framed = [tokenizer.encode(text, add_special_tokens=True).ids for text in texts[:40]]
            expected[f"{name}_framed"] = framed
        path = train_siglip(folder)
        save("siglip.spiece.model.gz", open(path, "rb").read())
        fast = siglip_json(path)
        save("siglip.tokenizer.json.gz", json.dumps(json.loads(fast.to_str()), ensure_ascii=False, separators=(",", ":")).encode())
        expected["siglip"] = [siglip_ids(path, text) for text in texts]
        # How far the other two reference implementations agree with SentencePiece, for the record.
        slow = SiglipTokenizer(path, do_lower_case=True)
        for name, ids in {
            "fast": [fast.encode(text, add_special_tokens=False).ids for text in texts],
            "slow": [slow(text, add_special_tokens=False).input_ids for text in texts],
        }.items():
            differ = [at for at in range(1000) if ids[at] != expected["siglip"][at]]
            print(f"siglip {name}: {len(differ)} differ, such as {[texts[at] for at in differ[:8]]}")
        if len(sys.argv) > 1:
            with gzip.open(os.path.join(sys.argv[1], "clip", "bpe_simple_vocab_16e6.txt.gz"), "rt", encoding="utf-8") as file:
                lines = file.read().split("\n")
            real = clip_from_merges([tuple(line.split(" ")) for line in lines[1 : 49152 - 256 - 2 + 1]], folder)
            assert real.get_vocab_size() == 49408
            expected["clip_real"] = [real.encode(text, add_special_tokens=False).ids for text in texts]
            real.enable_truncation(77)
            expected["clip_real_framed"] = [real.encode(text).ids for text in texts if len(text) > 150]
    save("tokens.json.gz", json.dumps(expected, ensure_ascii=False, separators=(",", ":")).encode())


if __name__ == "__main__":
    main()

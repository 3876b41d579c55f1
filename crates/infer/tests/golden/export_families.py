"""Writes small models of the large families beside this file, and what the reference implementations make of them.

The weights are random but have the architecture, the input and output names and the shapes of the published exports,
whose real files are too large for a repository. Run with Python 3.11 and
`torch==2.6.0 transformers==4.49.0 optimum==1.24.0 onnx==1.17.0 onnxruntime==1.32.0 numpy==2.4.6 ml_dtypes==0.6.0 pillow==13.0.0`, after
`export_tokenizers.py`:

    python export_families.py

Pictures are drawn by a formula on integers, which the tests repeat. Same versions, same bytes.
"""

import gzip
import json
import math
import os
import pathlib
import sys
import tempfile

import numpy
import onnx
import onnxruntime
import torch
from export_tokenizers import cleaned
from optimum.exporters.onnx import onnx_export_from_model
from PIL import Image
from transformers import (
    BitImageProcessor,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    Dinov2Config,
    Dinov2Model,
    GPT2Config,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessor,
)

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [(640, 480), (384, 384), (224, 224), (60, 41), (333, 500)]
# Pictures for captions are drawn at the tower's own size: a pixel rounded another way may change a word.
CAPTIONED = [11, 12, 13]


def picture(seed, width, height):
    """Slopes, hard-edged blocks and noise, from integers alone."""
    x, y, c = numpy.meshgrid(numpy.arange(width), numpy.arange(height), numpy.arange(3), indexing="xy")
    noise = ((x * 73856093) ^ (y * 19349663) ^ ((c + seed) * 83492791)) % 61
    blocks = ((x // (9 + 4 * c + seed) + y // (13 + seed)) % 2) * 110
    slope = (x * (2 + c) + y * (5 - c) + seed * 40) // 4 % 90
    return Image.fromarray((noise + blocks + slope).clip(0, 255).astype(numpy.uint8))


PICTURES = [picture(seed, *size) for seed, size in enumerate(SIZES)]


def roughen(model, spread=1.0):
    """Random weights of about seven levels each: large enough for every part to matter, and they pack well."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.dim() == 0:  # CLIP's scale and bias of the comparison
                continue
            if "norm" in name.lower() or "ln_" in name:
                base, scale = (1.0, 0.25) if name.endswith("weight") else (0.0, 0.25)
            elif name.endswith("bias"):
                base, scale = 0.0, 0.125
            elif "embedding" in name or "position" in name or "token" in name or "wte" in name or "wpe" in name:
                base, scale = 0.0, 0.5
            else:
                base, scale = 0.0, spread / math.sqrt(max(1, parameter[0].numel()))
            step = 2.0 ** round(math.log2(scale / 1.5)) if scale > 0 else 1.0
            noise = torch.randn(parameter.shape, generator=generator) * scale
            parameter.copy_(base + (noise / step).round() * step)
    return model.eval()


def sampled(array, count=24):
    """A few values spread over the whole, with the sum."""
    flat = numpy.asarray(array, dtype=numpy.float64).reshape(-1)
    at = [int(index) for index in numpy.linspace(0, flat.size - 1, count)]
    return {"at": at, "values": [round(float(flat[index]), 6) for index in at], "sum": round(float(flat.sum()), 3)}


def values(array):
    return [round(float(value), 6) for value in numpy.asarray(array).reshape(-1)]


def unit(tensor):
    return torch.nn.functional.normalize(tensor, dim=-1)


def save_bytes(name, data):
    with open(os.path.join(HERE, name), "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed:
            packed.write(data)
    print(f"{name}: {os.path.getsize(os.path.join(HERE, name)) // 1000} kB")


def save_model(name, path_or_model):
    model = onnx.load(path_or_model) if isinstance(path_or_model, (str, os.PathLike)) else path_or_model
    # Where the exporter was called from is nobody's business, and doc strings are most of a small file.
    for node in walk(model.graph):
        node.doc_string = ""
    del model.metadata_props[:]
    save_bytes(f"{name}.onnx.gz", model.SerializeToString(deterministic=True))


def walk(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from walk(attribute.g)


class Picked(torch.nn.Module):
    """Calls a function of a model, for the tracing exporter."""

    def __init__(self, model, call):
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs):
        return self.call(self.model, *inputs)


def export(name, model, call, inputs, outputs, fixed=()):
    """`inputs`: name → (example, names of its free dimensions)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        axes = {key: dict(free) for key, (_, free) in inputs.items()}
        axes.update({key: dict(free) for key, free in outputs.items()})
        torch.onnx.export(
            Picked(model, call), tuple(example for example, _ in inputs.values()), path, input_names=list(inputs), output_names=list(outputs),
            dynamic_axes=axes, opset_version=14, do_constant_folding=True, dynamo=False,
        )
        save_model(name, path)


BATCH = {0: "batch_size"}
BATCH_TEXT = {0: "batch_size", 1: "sequence_length"}
PIXELS = {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"}


def preprocessed(processor):
    """Pixel values of all pictures and what the tests compare of them."""
    pixels = [processor(image, return_tensors="pt")["pixel_values"] for image in PICTURES]
    return torch.cat(pixels), [sampled(one) for one in pixels]


def tokenizer(name):
    from tokenizers import Tokenizer

    return Tokenizer.from_str(gzip.open(os.path.join(HERE, f"{name}.tokenizer.json.gz"), "rt", encoding="utf-8").read())


TEXTS = ["a photo of a dog", "two dogs run along the beach at sunset, in the rain", "", "Zürich 2024!"]


def clip():
    words = tokenizer("clip")
    size = words.get_vocab_size()
    common = dict(hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2, projection_dim=24)
    config = CLIPConfig(
        text_config=dict(common, vocab_size=size, max_position_embeddings=77, eos_token_id=size - 1, bos_token_id=size - 2, pad_token_id=size - 1),
        vision_config=dict(common, image_size=224, patch_size=16), projection_dim=24,
    )
    config._attn_implementation = "eager"
    model = roughen(CLIPModel._from_config(config, attn_implementation="eager"))
    pixels, expected_pixels = preprocessed(CLIPImageProcessor())
    words.enable_truncation(77)
    words.enable_padding(length=77, pad_id=size - 1)
    batch = words.encode_batch(TEXTS)
    ids = torch.tensor([line.ids for line in batch])
    mask = torch.tensor([line.attention_mask for line in batch])
    with torch.no_grad():
        images = model.get_image_features(pixels)
        texts = model.get_text_features(ids, attention_mask=mask)
        # Padding after the end token does not matter in a causal tower; the separate text export takes no mask.
        unmasked = model.get_text_features(ids)
        assert torch.allclose(texts, unmasked, atol=1e-5)

    def vision(model, pixel_values):
        return model.get_image_features(pixel_values)

    export("clip.vision", model, vision, {"pixel_values": (pixels[:2], PIXELS)}, {"image_embeds": BATCH})
    export("clip.text", model, lambda model, ids: model.get_text_features(ids), {"input_ids": (ids[:2], BATCH_TEXT)}, {"text_embeds": BATCH})

    def both(model, ids, pixel_values, mask):
        out = model(input_ids=ids, pixel_values=pixel_values, attention_mask=mask)
        return out.logits_per_image, out.logits_per_text, out.text_embeds, out.image_embeds

    export(
        "clip.both", model, both,
        {
            "input_ids": (ids[:2], {0: "text_batch_size", 1: "sequence_length"}),
            "pixel_values": (pixels[:3], {0: "image_batch_size", 1: "num_channels", 2: "height", 3: "width"}),
            "attention_mask": (mask[:2], {0: "text_batch_size", 1: "sequence_length"}),
        },
        {"logits_per_image": {0: "image_batch_size", 1: "text_batch_size"}, "logits_per_text": {0: "text_batch_size", 1: "image_batch_size"},
         "text_embeds": {0: "text_batch_size"}, "image_embeds": {0: "image_batch_size"}},
    )
    # One at a time and unpadded, as the 8-bit scale of a batch is measured over all of it.
    lines = [(ids[at : at + 1, : mask[at].sum()], mask[at : at + 1, : mask[at].sum()]) for at in range(len(TEXTS))]
    alone = lambda line, at: {"input_ids": line[0].numpy(), "attention_mask": line[1].numpy(), "pixel_values": pixels[at : at + 1].numpy()}
    int8 = quantise("clip.both", {"image_embeds": [alone(lines[0], at) for at in range(len(PICTURES))], "text_embeds": [alone(line, 0) for line in lines]})
    return {"int8_image_embeds": int8[0], "int8_text_embeds": int8[1], "pixels": expected_pixels, "texts": TEXTS, "image_embeds": [values(one) for one in unit(images)], "text_embeds": [values(one) for one in unit(texts)]}


def quantise(name, runs):
    """The 8-bit form, as the publishers make it: weights to bytes, activations as the graph runs; and an output of each run."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "a.onnx"), os.path.join(folder, "b.onnx")
        with open(source, "wb") as file:
            file.write(gzip.open(os.path.join(HERE, f"{name}.onnx.gz"), "rb").read())
        # What the conversion script of the publishers does for vision models: no convolution in 8 bits.
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm", "Gather"], per_channel=False, reduce_range=False)
        save_model(f"{name}.int8", target)
        session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
        found = {output: [session.run([output], inputs)[0][0] for inputs in each] for output, each in runs.items()}
        return [[values(unit(torch.from_numpy(one))) for one in rows] for rows in found.values()]


def siglip():
    from sentencepiece import SentencePieceProcessor

    model_bytes = gzip.open(os.path.join(HERE, "siglip.spiece.model.gz"), "rb").read()
    pieces = SentencePieceProcessor(model_proto=model_bytes)
    common = dict(hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2)
    config = SiglipConfig(
        text_config=dict(common, vocab_size=pieces.vocab_size(), max_position_embeddings=64),
        vision_config=dict(common, image_size=224, patch_size=16),
    )
    model = roughen(SiglipModel._from_config(config, attn_implementation="eager"))
    pixels, expected_pixels = preprocessed(SiglipImageProcessor(size={"height": 224, "width": 224}))
    import re
    import string

    def prepared(text):
        text = text.lower().translate(str.maketrans("", "", string.punctuation))
        return (pieces.encode(re.sub(r"\s+", " ", text).strip())[:63] + [1] * 64)[:64]

    ids = torch.tensor([prepared(text) for text in TEXTS])
    with torch.no_grad():
        images, texts = model.get_image_features(pixels), model.get_text_features(ids)
    export("siglip.vision", model, lambda model, pixels: (lambda out: (out[0], out[1]))(model.vision_model(pixels)),
           {"pixel_values": (pixels[:2], PIXELS)}, {"last_hidden_state": BATCH, "pooler_output": BATCH})
    export("siglip.text", model, lambda model, ids: (lambda out: (out[0], out[1]))(model.text_model(ids)),
           {"input_ids": (ids[:2], BATCH_TEXT)}, {"last_hidden_state": BATCH_TEXT, "pooler_output": BATCH})
    return {"pixels": expected_pixels, "texts": TEXTS, "image_embeds": [values(one) for one in unit(images)], "text_embeds": [values(one) for one in unit(texts)]}


def dino():
    # Positions learned at 518 px and looked up at 224 px: the graph shrinks them bicubically from 37x37 to 16x16.
    config = Dinov2Config(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, mlp_ratio=2, image_size=518, patch_size=14)
    model = roughen(Dinov2Model._from_config(config, attn_implementation="eager"))
    processor = BitImageProcessor(
        size={"shortest_edge": 256}, crop_size={"height": 224, "width": 224}, resample=Image.Resampling.BICUBIC, do_rescale=True, do_normalize=True,
        image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225], do_resize=True, do_center_crop=True,
    )
    pixels, expected_pixels = preprocessed(processor)
    with torch.no_grad():
        states = model(pixels).last_hidden_state
    with tempfile.TemporaryDirectory() as folder:
        onnx_export_from_model(model, pathlib.Path(folder), task="feature-extraction", opset=14, no_post_process=True, do_validation=False)
        save_model("dino", os.path.join(folder, "model.onnx"))
    return {"pixels": expected_pixels, "embeds": [values(one) for one in unit(states[:, 0])], "states": [sampled(one) for one in states]}


SETTINGS = [
    {},
    {"min_length": 8},
    {"repetition_penalty": 1.5},
    {"no_repeat_ngram_size": 2},
    {"num_beams": 2},
    {"num_beams": 3, "min_length": 5},
    {"num_beams": 4, "early_stopping": True},
    {"num_beams": 4, "early_stopping": "never"},
    {"num_beams": 4, "length_penalty": 0.0},
    {"num_beams": 4, "length_penalty": 2.0, "early_stopping": "never"},
    {"num_beams": 4, "length_penalty": -1.0, "early_stopping": "never"},
    {"num_beams": 5, "no_repeat_ngram_size": 2, "repetition_penalty": 1.3},
    {"num_beams": 3, "max_length": 6},
]


def generated(model, processor, side):
    """Ids for every setting and three pictures; greedy ones with the logits of each step."""
    out = []
    for setting in SETTINGS:
        for seed in CAPTIONED:
            pixels = processor(picture(seed, side, side), return_tensors="pt")["pixel_values"]
            result = model.generate(pixels, **{"max_length": 16, **setting}, do_sample=False, return_dict_in_generate=True, output_logits=True)
            entry = {"setting": {"max_length": 16, **setting}, "seed": seed, "ids": [int(id) for id in result.sequences[0]]}
            if not setting:
                entry["logits"] = [sampled(step[0], 12) for step in result.logits]
            out.append(entry)
    return out


def vit_gpt2():
    words = tokenizer("gpt2")
    end = words.token_to_id("<|endoftext|>")
    encoder = ViTConfig(hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2, image_size=224, patch_size=16)
    decoder = GPT2Config(vocab_size=words.get_vocab_size(), n_positions=64, n_embd=32, n_layer=2, n_head=4, bos_token_id=end, eos_token_id=end)
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id = config.eos_token_id = config.pad_token_id = end
    config.decoder._attn_implementation = config.encoder._attn_implementation = "eager"
    model = VisionEncoderDecoderModel(config=config)
    roughen(model, spread=2.0)
    with torch.no_grad():
        # An end that comes about now and then.
        model.decoder.transformer.wte.weight[end] *= 1.9
    model.generation_config.update(decoder_start_token_id=end, eos_token_id=end, pad_token_id=end, bos_token_id=end)
    pixels, expected_pixels = preprocessed(ViTImageProcessor())
    with torch.no_grad():
        states = model.encoder(pixels).last_hidden_state
        captions = generated(model, ViTImageProcessor(), 224)
    with tempfile.TemporaryDirectory() as folder:
        onnx_export_from_model(model, pathlib.Path(folder), task="image-to-text-with-past", opset=14, do_validation=False)
        print(sorted(os.listdir(folder)))
        for part, name in {"encoder": "encoder_model", "merged": "decoder_model_merged", "first": "decoder_model", "next": "decoder_with_past_model"}.items():
            save_model(f"vit_gpt2.{part}", os.path.join(folder, f"{name}.onnx"))
    return {
        "pixels": expected_pixels, "states": [sampled(one) for one in states], "start": end, "end": end, "captions": captions,
        "text": [words.decode(line["ids"], skip_special_tokens=True) for line in captions],
    }


def blip():
    words = tokenizer("bert")
    size = words.get_vocab_size() + 2
    end, start = words.token_to_id("[SEP]"), size - 2
    common = dict(hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2)
    config = BlipConfig(
        text_config=dict(common, vocab_size=size, encoder_hidden_size=32, max_position_embeddings=64, bos_token_id=start, eos_token_id=2, sep_token_id=end, pad_token_id=0, is_decoder=True, projection_dim=24),
        vision_config=dict(common, image_size=384, patch_size=32), projection_dim=24, image_text_hidden_size=24,
    )
    model = roughen(BlipForConditionalGeneration(config), spread=2.0)
    with torch.no_grad():
        model.text_decoder.cls.predictions.bias[end] = 6.0
    pixels, expected_pixels = preprocessed(BlipImageProcessor())
    with torch.no_grad():
        states = model.vision_model(pixels).last_hidden_state
        captions = generated(model, BlipImageProcessor(), 384)
    export("blip.encoder", model, lambda model, pixels: model.vision_model(pixels)[0], {"pixel_values": (pixels[:2], PIXELS)}, {"last_hidden_state": BATCH})
    cache = [f"{layer}.{part}" for layer in range(2) for part in ("key", "value")]
    present = {f"present.{name}": {0: "batch_size", 2: "total_length"} for name in cache}

    def decode(model, ids, states, *past):
        past = [past[at : at + 2] for at in range(0, len(past), 2)] or None
        out = model.text_decoder(input_ids=ids, encoder_hidden_states=states, past_key_values=past, use_cache=True, is_decoder=True, return_dict=True)
        return (out.logits, *(tensor for layer in out.past_key_values for tensor in layer))

    ids = torch.tensor([[start, 7, 9], [start, 8, 10]])
    encoder_states = {"encoder_hidden_states": (states[:2], {0: "batch_size", 1: "encoder_sequence_length"})}
    logits = {"logits": {0: "batch_size", 1: "sequence_length"}}
    export("blip.first", model, decode, {"input_ids": (ids, BATCH_TEXT), **encoder_states}, {**logits, **present})
    past = {f"past_key_values.{name}": (torch.zeros(2, 4, 3, 8), {0: "batch_size", 2: "past_length"}) for name in cache}
    export("blip.next", model, decode, {"input_ids": (ids[:, :1], {0: "batch_size"}), **encoder_states, **past}, {**logits, **present})
    return {
        "pixels": expected_pixels, "states": [sampled(one) for one in states], "start": start, "end": end, "captions": captions,
        "text": [cleaned(words.decode([id for id in line["ids"] if id != start], skip_special_tokens=True)) for line in captions],
    }


def main():
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The merging of the decoders walks over sets of names.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    torch.manual_seed(0)
    torch.set_num_threads(1)
    families = {"clip": clip, "siglip": siglip, "dino": dino, "vit_gpt2": vit_gpt2, "blip": blip}
    for name, family in families.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            save_bytes(f"{name}.json.gz", json.dumps(family(), separators=(",", ":")).encode())


if __name__ == "__main__":
    main()

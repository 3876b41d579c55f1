#!/usr/bin/env python3
"""Turns BLIP's published PyTorch weights into the graphs that Tintype reads.

    python scripts/export_blip.py <folder with config.json and pytorch_model.bin> <models directory>/blip-base

It writes encoder.onnx, decoder.onnx and decoder_next.onnx; the tokenizer is fetched by `tintype models pull blip-base`.
Needs `torch transformers==4.49.0 onnx`; tried with torch 2.6.0 on small random weights of the same architecture.
"""

import os
import sys

import torch
from transformers import BlipForConditionalGeneration


class Call(torch.nn.Module):
    """Hands the exporter one function of the model."""

    def __init__(self, model, call):
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs):
        return self.call(self.model, *inputs)


def export(path, model, call, inputs, outputs):
    """`inputs`: name to (example, free dimensions); `outputs`: name to free dimensions."""
    axes = {name: free for name, (_, free) in inputs.items()} | outputs
    examples = tuple(example for example, _ in inputs.values())
    torch.onnx.export(
        Call(model, call), examples, path, input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes, opset_version=14, dynamo=False
    )
    print(f"{path}: {os.path.getsize(path) // 1_000_000} MB")


def look(model, pixels):
    return model.vision_model(pixels)[0]


def write(model, ids, states, *past):
    past = [past[at : at + 2] for at in range(0, len(past), 2)] or None
    out = model.text_decoder(input_ids=ids, encoder_hidden_states=states, past_key_values=past, use_cache=True, is_decoder=True, return_dict=True)
    return (out.logits, *(tensor for layer in out.past_key_values for tensor in layer))


def main(source, target):
    model = BlipForConditionalGeneration.from_pretrained(source, local_files_only=True).eval()
    os.makedirs(target, exist_ok=True)
    text, side = model.config.text_config, model.config.vision_config.image_size
    pixels = torch.zeros(2, 3, side, side)
    with torch.no_grad():
        states = look(model, pixels)
        export(os.path.join(target, "encoder.onnx"), model, look, {"pixel_values": (pixels, {0: "batch_size"})}, {"last_hidden_state": {0: "batch_size"}})
        heads, size = text.num_attention_heads, text.hidden_size // text.num_attention_heads
        names = [f"{layer}.{part}" for layer in range(text.num_hidden_layers) for part in ("key", "value")]
        seen = {"encoder_hidden_states": (states, {0: "batch_size", 1: "encoder_sequence_length"})}
        outputs = {"logits": {0: "batch_size", 1: "sequence_length"}} | {f"present.{name}": {0: "batch_size", 2: "total_length"} for name in names}
        ids = torch.tensor([[text.bos_token_id, 1037, 3861]] * 2)
        first = {"input_ids": (ids, {0: "batch_size", 1: "sequence_length"})} | seen
        export(os.path.join(target, "decoder.onnx"), model, write, first, outputs)
        past = {f"past_key_values.{name}": (torch.zeros(2, heads, 3, size), {0: "batch_size", 2: "past_length"}) for name in names}
        export(os.path.join(target, "decoder_next.onnx"), model, write, {"input_ids": (ids[:, :1], {0: "batch_size"})} | seen | past, outputs)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])

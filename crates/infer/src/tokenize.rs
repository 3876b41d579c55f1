//! [`Tokenizer`] turns words into the token ids a text model was trained on, and ids back into words.
//!
//! One pipeline serves every family; what differs is read from the model's own files, never compiled in:
//!
//! | family | file | normalise | split | model |
//! | --- | --- | --- | --- | --- |
//! | CLIP, TinyCLIP | `tokenizer.json` or `bpe_simple_vocab_16e6.txt.gz` | NFC, one space, lower case | words, single digits, punctuation | byte pairs with `</w>` |
//! | GPT-2 (captions) | `tokenizer.json` or `vocab.json` + `merges.txt` | – | words with their leading space | byte pairs |
//! | BERT (BLIP captions) | `tokenizer.json` or `vocab.txt` | clean, strip accents, lower case | words, punctuation, CJK | WordPiece |
//! | SigLIP | `tokenizer.json` or `spiece.model` | lower case, no punctuation, character map | `▁` for spaces | unigram |
//!
//! The text of a person is always text: `<|endoftext|>` or `[SEP]` typed into a search box becomes the tokens of
//! those characters, never the control token (the Python tokenisers do the same with `encode_special_tokens`).
//!
//! ```
//! # fn main() -> Result<(), tintype_infer::tokenize::TokenizerError> {
//! use tintype_infer::tokenize::Tokenizer;
//!
//! let bert = Tokenizer::from_bert_vocabulary("[UNK]\n[CLS]\n[SEP]\na\ncat\n##s\n")?;
//! assert_eq!(bert.encode("A cats"), [3, 4, 5]);
//! assert_eq!(bert.encode_framed("a cat", 8), [1, 3, 4, 2]);
//! assert_eq!(bert.decode(&[1, 3, 4, 5, 2]), "a cats");
//! # Ok(())
//! # }
//! ```

mod bpe;
mod bytes;
mod charsmap;
mod decode;
mod files;
mod json;
mod normalize;
mod sentencepiece;
mod split;
mod unicode;
mod unigram;
mod wordpiece;

use std::collections::HashMap;

pub use decode::tidy_spacing;

use bpe::Bpe;
use decode::Decoder;
use normalize::Normalizer;
use split::Splitter;
use unigram::Unigram;
use wordpiece::WordPiece;

/// Why a vocabulary file could not be used. Text itself never fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// Not the file it should be: the JSON does not parse, or a field has another type.
    #[error("the tokenizer file is not valid JSON of the expected form")]
    Json(#[from] serde_json::Error),
    /// A part this program does not implement (or an option of it).
    #[error("unsupported tokenizer part {0}")]
    Unsupported(String),
    /// A regular expression of the file that does not compile here.
    #[error("the tokenizer's pattern does not compile")]
    Pattern(#[from] Box<regex::Error>),
    /// The file contradicts itself or is cut off.
    #[error("damaged vocabulary: {0}")]
    Damaged(&'static str),
    /// A token that the family needs is not in the vocabulary.
    #[error("the vocabulary lacks the token {0}")]
    MissingToken(String),
}

impl TokenizerError {
    /// The public code of this error.
    pub fn code(&self) -> tintype_core::ErrorCode {
        tintype_core::ErrorCode::ModelUnavailable
    }
}

/// Tokens and their ids, both ways.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    ids: HashMap<Box<str>, u32>,
    tokens: Vec<Option<Box<str>>>,
}

/// Ids above this are refused: the largest published vocabulary (XLM-V) has a million, and a hostile file must not
/// make us allocate for four thousand million.
const MAX_VOCABULARY: u32 = 4_000_000;

impl Vocabulary {
    /// Adds a token. The first one to claim a text keeps it for encoding, the last one to claim an id for decoding.
    fn insert(&mut self, token: &str, id: u32) -> Result<(), TokenizerError> {
        if id >= MAX_VOCABULARY {
            return Err(TokenizerError::Damaged("a token id beyond any vocabulary"));
        }
        self.ids.entry(token.into()).or_insert(id);
        let at = id as usize;
        if self.tokens.len() <= at {
            self.tokens.resize(at + 1, None);
        }
        self.tokens[at] = Some(token.into());
        Ok(())
    }

    fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    fn token(&self, id: u32) -> Option<&str> {
        self.tokens.get(id as usize)?.as_deref()
    }

    fn len(&self) -> usize {
        self.tokens.len()
    }
}

#[derive(Debug)]
enum Model {
    Bpe(Bpe),
    WordPiece(WordPiece),
    Unigram(Unigram),
}

/// Words to ids and back; made from a model's own vocabulary file. Cheap to share, never changes.
#[derive(Debug)]
pub struct Tokenizer {
    vocabulary: Vocabulary,
    normalizers: Vec<Normalizer>,
    splitters: Vec<Splitter>,
    model: Model,
    /// Ids put before and after every text, such as `[CLS]` and `[SEP]`.
    frame: (Vec<u32>, Vec<u32>),
    decoder: Decoder,
    /// Control tokens, sorted: left out when decoding.
    special: Vec<u32>,
}

impl Tokenizer {
    /// The ids of `text` alone, without start and end tokens. Never fails: unknown characters become the
    /// vocabulary's unknown token or its bytes.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut text = text.to_owned();
        for normalizer in &self.normalizers {
            text = normalizer.apply(text);
        }
        let mut pieces = vec![text];
        for splitter in &self.splitters {
            pieces = splitter.apply(&pieces);
        }
        let mut ids = Vec::new();
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            match &self.model {
                Model::Bpe(model) => model.encode(piece, &self.vocabulary, &mut ids),
                Model::WordPiece(model) => model.encode(piece, &self.vocabulary, &mut ids),
                Model::Unigram(model) => model.encode(piece, &mut ids),
            }
        }
        ids
    }

    /// The ids of `text` between the family's start and end tokens, at most `max_len` in all: a longer text loses
    /// its end, never the end token. With `max_len` smaller than the frame, the frame alone.
    pub fn encode_framed(&self, text: &str, max_len: usize) -> Vec<u32> {
        let (before, after) = &self.frame;
        let mut ids = before.clone();
        ids.extend(self.encode(text));
        ids.truncate(max_len.saturating_sub(after.len()).max(before.len()));
        ids.extend(after);
        ids
    }

    /// The words of `ids`. Control tokens and ids outside the vocabulary are left out; bytes that are not UTF-8
    /// become U+FFFD.
    pub fn decode(&self, ids: &[u32]) -> String {
        let tokens = ids
            .iter()
            .filter(|id| self.special.binary_search(id).is_err())
            .filter_map(|id| self.vocabulary.token(*id));
        self.decoder.decode(tokens)
    }

    /// The id of a token as the vocabulary writes it, control tokens included.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.vocabulary.id(token)
    }

    /// One more than the largest id.
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary.len()
    }

    fn required_id(vocabulary: &Vocabulary, token: &str) -> Result<u32, TokenizerError> {
        vocabulary.id(token).ok_or_else(|| TokenizerError::MissingToken(token.to_owned()))
    }
}

//! Reading `tokenizer.json`, the format in which model publishers ship a whole tokeniser. The parts that the four
//! families use are implemented; any other part is refused by its name, since guessing would give wrong ids silently.

use std::collections::HashMap;

use base64::Engine as _;
use regex::Regex;
use serde::Deserialize;

use super::bpe::Bpe;
use super::charsmap::Charsmap;
use super::decode::Decoder;
use super::normalize::{BertRules, Form, Normalizer};
use super::split::{Prepend, Splitter};
use super::unigram::Unigram;
use super::wordpiece::WordPiece;
use super::{Model, Tokenizer, TokenizerError, Vocabulary};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    normalizer: Option<RawNormalizer>,
    pre_tokenizer: Option<RawSplitter>,
    post_processor: Option<RawFrame>,
    decoder: Option<RawDecoder>,
    model: RawModel,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum RawNormalizer {
    Sequence {
        normalizers: Vec<RawNormalizer>,
    },
    #[serde(rename = "NFC")]
    Nfc,
    #[serde(rename = "NFD")]
    Nfd,
    #[serde(rename = "NFKC")]
    Nfkc,
    #[serde(rename = "NFKD")]
    Nfkd,
    Lowercase,
    Replace {
        pattern: RawPattern,
        content: String,
    },
    Strip {
        strip_left: bool,
        strip_right: bool,
    },
    BertNormalizer {
        clean_text: bool,
        handle_chinese_chars: bool,
        strip_accents: Option<bool>,
        lowercase: bool,
    },
    Precompiled {
        precompiled_charsmap: Option<String>,
    },
}

#[derive(Deserialize)]
enum RawPattern {
    String(String),
    Regex(String),
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum RawSplitter {
    Sequence {
        pretokenizers: Vec<RawSplitter>,
    },
    Split {
        pattern: RawPattern,
        behavior: String,
        #[serde(default)]
        invert: bool,
    },
    ByteLevel {
        #[serde(default)]
        add_prefix_space: bool,
        #[serde(default = "yes")]
        use_regex: bool,
    },
    BertPreTokenizer,
    WhitespaceSplit,
    Metaspace {
        replacement: char,
        add_prefix_space: Option<bool>,
        prepend_scheme: Option<RawPrepend>,
        #[serde(default = "yes")]
        split: bool,
    },
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum RawPrepend {
    Always,
    First,
    Never,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum RawFrame {
    Sequence { processors: Vec<RawFrame> },
    RobertaProcessing { sep: (String, u32), cls: (String, u32) },
    BertProcessing { sep: (String, u32), cls: (String, u32) },
    TemplateProcessing { single: Vec<RawTemplatePart>, special_tokens: HashMap<String, RawTemplateToken> },
    ByteLevel,
}

#[derive(Deserialize)]
enum RawTemplatePart {
    SpecialToken { id: String },
    Sequence {},
}

#[derive(Deserialize)]
struct RawTemplateToken {
    ids: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum RawDecoder {
    ByteLevel,
    WordPiece { prefix: String, cleanup: bool },
    Metaspace { replacement: char },
}

/// All kinds of model in one; early files do not name the kind.
#[derive(Deserialize)]
struct RawModel {
    #[serde(rename = "type")]
    kind: Option<String>,
    vocab: RawVocabulary,
    merges: Option<Vec<RawMerge>>,
    unk_token: Option<String>,
    unk_id: Option<u32>,
    dropout: Option<f32>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
    max_input_chars_per_word: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawVocabulary {
    Ids(HashMap<String, u32>),
    Scores(Vec<(String, f32)>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawMerge {
    Joined(String),
    Pair(String, String),
}

impl Tokenizer {
    /// The tokeniser of a `tokenizer.json`.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let file: File = serde_json::from_slice(bytes)?;
        let mut vocabulary = Vocabulary::default();
        match &file.model.vocab {
            RawVocabulary::Ids(ids) => {
                let mut sorted: Vec<_> = ids.iter().map(|(token, id)| (*id, token)).collect();
                sorted.sort_unstable();
                sorted.into_iter().try_for_each(|(id, token)| vocabulary.insert(token, id))?;
            }
            RawVocabulary::Scores(scores) => {
                for (id, (token, _)) in scores.iter().enumerate() {
                    vocabulary.insert(token, id as u32)?;
                }
            }
        }
        for token in &file.added_tokens {
            vocabulary.insert(&token.content, token.id)?;
        }
        let mut special: Vec<u32> =
            file.added_tokens.iter().filter(|token| token.special).map(|token| token.id).collect();
        special.sort_unstable();
        special.dedup();

        let mut normalizers = Vec::new();
        if let Some(raw) = file.normalizer {
            raw.into_steps(&mut normalizers)?;
        }
        let mut splitters = Vec::new();
        if let Some(raw) = file.pre_tokenizer {
            raw.into_steps(&mut splitters)?;
        }
        let mut frame = (Vec::new(), Vec::new());
        if let Some(raw) = file.post_processor {
            raw.into_frame(&mut frame)?;
        }
        let suffix = file.model.end_of_word_suffix.clone().filter(|suffix| !suffix.is_empty());
        let decoder = match file.decoder {
            Some(RawDecoder::ByteLevel) | None => Decoder::Bytes { suffix },
            Some(RawDecoder::WordPiece { prefix, cleanup }) => Decoder::WordPiece { prefix, tidies: cleanup },
            Some(RawDecoder::Metaspace { replacement }) => Decoder::Metaspace { mark: replacement },
        };
        let model = file.model.into_model(&vocabulary, &special)?;
        Ok(Self { vocabulary, normalizers, splitters, model, frame, decoder, special })
    }
}

impl RawPattern {
    fn into_regex(self) -> Result<Regex, TokenizerError> {
        let pattern = match self {
            Self::String(text) => regex::escape(&text),
            Self::Regex(pattern) => pattern,
        };
        Ok(Regex::new(&pattern).map_err(Box::new)?)
    }
}

impl RawNormalizer {
    fn into_steps(self, steps: &mut Vec<Normalizer>) -> Result<(), TokenizerError> {
        steps.push(match self {
            Self::Sequence { normalizers } => {
                return normalizers.into_iter().try_for_each(|raw| raw.into_steps(steps));
            }
            Self::Nfc => Normalizer::Form(Form::Nfc),
            Self::Nfd => Normalizer::Form(Form::Nfd),
            Self::Nfkc => Normalizer::Form(Form::Nfkc),
            Self::Nfkd => Normalizer::Form(Form::Nfkd),
            Self::Lowercase => Normalizer::Lowercase,
            Self::Replace { pattern, content } => Normalizer::Replace(pattern.into_regex()?, content),
            Self::Strip { strip_left, strip_right } => Normalizer::Strip(strip_left, strip_right),
            Self::BertNormalizer { clean_text, handle_chinese_chars, strip_accents, lowercase } => {
                Normalizer::Bert(BertRules {
                    cleans: clean_text,
                    separates_cjk: handle_chinese_chars,
                    strips_accents: strip_accents.unwrap_or(lowercase),
                    lowercases: lowercase,
                })
            }
            Self::Precompiled { precompiled_charsmap: None } => return Ok(()),
            Self::Precompiled { precompiled_charsmap: Some(encoded) } => {
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(encoded)
                    .or(Err(TokenizerError::Damaged("a character map that is not base64")))?;
                Normalizer::Charsmap(Charsmap::new(&bytes)?)
            }
        });
        Ok(())
    }
}

impl RawSplitter {
    fn into_steps(self, steps: &mut Vec<Splitter>) -> Result<(), TokenizerError> {
        steps.push(match self {
            Self::Sequence { pretokenizers } => {
                return pretokenizers.into_iter().try_for_each(|raw| raw.into_steps(steps));
            }
            Self::Split { pattern, behavior, invert } => {
                let drops = match behavior.to_ascii_lowercase().as_str() {
                    "removed" => true,
                    "isolated" => false,
                    _ => return Err(TokenizerError::Unsupported(format!("Split with behavior {behavior}"))),
                };
                let pattern = pattern.into_regex()?;
                if invert { Splitter::Matches(pattern, drops) } else { Splitter::Separators(pattern, drops) }
            }
            Self::ByteLevel { add_prefix_space, use_regex } => Splitter::bytes(add_prefix_space, use_regex),
            Self::BertPreTokenizer => Splitter::Bert,
            Self::WhitespaceSplit => Splitter::Whitespace,
            Self::Metaspace { replacement, add_prefix_space, prepend_scheme, split } => Splitter::Metaspace {
                mark: replacement,
                prepends: match (prepend_scheme, add_prefix_space) {
                    (Some(RawPrepend::Never), _) | (None, Some(false)) => Prepend::Never,
                    (Some(RawPrepend::First), _) => Prepend::First,
                    (Some(RawPrepend::Always) | None, _) => Prepend::Always,
                },
                cuts: split,
            },
        });
        Ok(())
    }
}

impl RawFrame {
    fn into_frame(self, frame: &mut (Vec<u32>, Vec<u32>)) -> Result<(), TokenizerError> {
        match self {
            Self::Sequence { processors } => {
                return processors.into_iter().try_for_each(|raw| raw.into_frame(frame));
            }
            Self::RobertaProcessing { sep, cls } | Self::BertProcessing { sep, cls } => {
                *frame = (vec![cls.1], vec![sep.1]);
            }
            Self::TemplateProcessing { single, special_tokens } => {
                let mut is_before = true;
                for part in single {
                    match part {
                        RawTemplatePart::Sequence {} => is_before = false,
                        RawTemplatePart::SpecialToken { id } => {
                            let Some(token) = special_tokens.get(&id) else {
                                return Err(TokenizerError::MissingToken(id));
                            };
                            if is_before { &mut frame.0 } else { &mut frame.1 }.extend(&token.ids);
                        }
                    }
                }
            }
            Self::ByteLevel => {}
        }
        Ok(())
    }
}

impl RawModel {
    fn into_model(self, vocabulary: &Vocabulary, special: &[u32]) -> Result<Model, TokenizerError> {
        let unsupported = |what: &str| Err(TokenizerError::Unsupported(what.to_owned()));
        if self.dropout.is_some_and(|dropout| dropout > 0.0) {
            return unsupported("dropout");
        }
        if self.byte_fallback {
            return unsupported("byte_fallback");
        }
        if self.ignore_merges {
            return unsupported("ignore_merges");
        }
        let kind = self.kind.unwrap_or_else(|| {
            match (&self.vocab, &self.merges) {
                (RawVocabulary::Scores(_), _) => "Unigram",
                (_, Some(_)) => "BPE",
                _ => "WordPiece",
            }
            .to_owned()
        });
        match (kind.as_str(), self.vocab) {
            ("BPE", RawVocabulary::Ids(_)) => {
                if self.continuing_subword_prefix.is_some_and(|prefix| !prefix.is_empty()) {
                    return unsupported("continuing_subword_prefix of BPE");
                }
                let unknown =
                    self.unk_token.map(|token| Tokenizer::required_id(vocabulary, &token)).transpose()?;
                let merges = self.merges.unwrap_or_default();
                let pairs: Option<Vec<_>> = merges
                    .iter()
                    .map(|merge| match merge {
                        RawMerge::Joined(pair) => pair.split_once(' '),
                        RawMerge::Pair(left, right) => Some((left.as_str(), right.as_str())),
                    })
                    .collect();
                let pairs = pairs.ok_or(TokenizerError::Damaged("a merge that is no pair"))?;
                let suffix = self.end_of_word_suffix;
                Ok(Model::Bpe(Bpe::new(vocabulary, pairs.into_iter(), suffix, unknown, self.fuse_unk)?))
            }
            ("WordPiece", RawVocabulary::Ids(_)) => Ok(Model::WordPiece(WordPiece::new(
                vocabulary,
                self.continuing_subword_prefix.unwrap_or_else(|| "##".to_owned()),
                self.unk_token.as_deref().unwrap_or("[UNK]"),
                self.max_input_chars_per_word.unwrap_or(100),
            )?)),
            ("Unigram", RawVocabulary::Scores(scores)) => {
                let unknown = self.unk_id.ok_or_else(|| TokenizerError::MissingToken("unk_id".to_owned()))?;
                let pieces = (0u32..)
                    .zip(scores)
                    .filter(|(id, _)| *id != unknown && special.binary_search(id).is_err())
                    .map(|(id, (text, score))| (text, id, score));
                Ok(Model::Unigram(Unigram::new(pieces, unknown)?))
            }
            (kind, _) => unsupported(&format!("model {kind} (or its vocabulary has another form)")),
        }
    }
}

//! The older vocabulary files: one per family, with the rules around them fixed by the family.

use std::io::Read as _;

use regex::Regex;

use super::bpe::Bpe;
use super::bytes;
use super::charsmap::Charsmap;
use super::decode::Decoder;
use super::normalize::{BertRules, Form, Normalizer};
use super::sentencepiece::SentencePieceModel;
use super::split::Splitter;
use super::unigram::Unigram;
use super::wordpiece::WordPiece;
use super::{Model, Tokenizer, TokenizerError, Vocabulary};

/// CLIP's words: contractions, runs of letters, single digits, runs of anything else that is not white space.
const CLIP_WORDS: &str = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+";
/// CLIP learned this many joins (49,408 tokens less two alphabets of 256 and two control tokens); its file has more.
const CLIP_MERGES: usize = 49_408 - 2 * 256 - 2;
/// The unpacked vocabulary has 3.1 MB; this stops a file made to fill the memory.
const CLIP_MAX_BYTES: u64 = 64 << 20;

impl Tokenizer {
    /// The tokeniser of any of the files that models come with, told apart by their content: `tokenizer.json`, CLIP's
    /// gzipped merges, `spiece.model`, GPT-2's `vocab.json` (to decode only) or BERT's `vocab.txt`.
    pub fn from_file(bytes: &[u8]) -> Result<Self, TokenizerError> {
        match bytes {
            [0x1F, 0x8B, ..] => Self::from_clip_vocabulary(bytes),
            [b'{', ..] => match Self::from_gpt2_vocabulary(bytes, "") {
                Err(TokenizerError::Json(_)) => Self::from_json(bytes),
                found => found,
            },
            // The key of a piece, the first field of every SentencePiece model.
            [0x0A, ..] => Self::from_siglip_model(bytes),
            _ => match str::from_utf8(bytes) {
                Ok(text) => Self::from_bert_vocabulary(text),
                Err(_) => Err(TokenizerError::Damaged("a vocabulary of no known form")),
            },
        }
    }

    /// CLIP's tokeniser from `bpe_simple_vocab_16e6.txt.gz`.
    pub fn from_clip_vocabulary(gzipped: &[u8]) -> Result<Self, TokenizerError> {
        const DAMAGED: TokenizerError = TokenizerError::Damaged("not CLIP's gzipped list of merges");
        let mut text = String::new();
        let reader = flate2::read::GzDecoder::new(gzipped);
        reader.take(CLIP_MAX_BYTES).read_to_string(&mut text).or(Err(DAMAGED))?;
        // The first line names the version.
        let merges: Option<Vec<(&str, &str)>> =
            text.lines().skip(1).take(CLIP_MERGES).map(|line| line.split_once(' ')).collect();
        let merges = merges.filter(|merges| merges.len() == CLIP_MERGES).ok_or(DAMAGED)?;

        let mut vocabulary = Vocabulary::default();
        // Ids follow the alphabet's order by character: printable bytes first, then the stand-ins.
        let mut letters = bytes::alphabet();
        letters.sort_unstable();
        let singles = letters.iter().map(char::to_string);
        let endings = letters.iter().map(|letter| format!("{letter}</w>"));
        let joined = merges.iter().map(|(left, right)| format!("{left}{right}"));
        let control = ["<|startoftext|>", "<|endoftext|>"].map(str::to_owned);
        for (id, token) in (0..).zip(singles.chain(endings).chain(joined).chain(control)) {
            vocabulary.insert(&token, id)?;
        }
        let [start, end] = [vocabulary.len() as u32 - 2, vocabulary.len() as u32 - 1];
        let bpe = Bpe::new(&vocabulary, merges.into_iter(), Some("</w>".to_owned()), Some(end), false)?;
        let spaces = Regex::new(r"\s+").map_err(Box::new)?;
        let words = Regex::new(CLIP_WORDS).map_err(Box::new)?;
        Ok(Self {
            normalizers: vec![
                Normalizer::Form(Form::Nfc),
                Normalizer::Replace(spaces, " ".to_owned()),
                Normalizer::Lowercase,
            ],
            splitters: vec![Splitter::Matches(words, true), Splitter::bytes(false, true)],
            decoder: Decoder::Bytes { suffix: bpe.suffix().map(str::to_owned) },
            model: Model::Bpe(bpe),
            frame: (vec![start], vec![end]),
            special: vec![start, end],
            vocabulary,
        })
    }

    /// GPT-2's tokeniser from `vocab.json` and `merges.txt`. With empty `merges` it can only decode properly.
    pub fn from_gpt2_vocabulary(vocab_json: &[u8], merges: &str) -> Result<Self, TokenizerError> {
        let ids: std::collections::BTreeMap<String, u32> = serde_json::from_slice(vocab_json)?;
        let mut vocabulary = Vocabulary::default();
        ids.iter().try_for_each(|(token, id)| vocabulary.insert(token, *id))?;
        let end = Self::required_id(&vocabulary, "<|endoftext|>")?;
        let merges: Option<Vec<(&str, &str)>> = merges
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("#version"))
            .map(|line| line.split_once(' '))
            .collect();
        let merges = merges.ok_or(TokenizerError::Damaged("a merge that is no pair"))?;
        let bpe = Bpe::new(&vocabulary, merges.into_iter(), None, Some(end), false)?;
        Ok(Self {
            vocabulary,
            normalizers: Vec::new(),
            splitters: vec![Splitter::bytes(false, true)],
            model: Model::Bpe(bpe),
            frame: (Vec::new(), Vec::new()),
            decoder: Decoder::Bytes { suffix: None },
            special: vec![end],
        })
    }

    /// The tokeniser of a lower-case BERT from `vocab.txt`: one token a line, the id being the line.
    pub fn from_bert_vocabulary(vocab_txt: &str) -> Result<Self, TokenizerError> {
        let mut vocabulary = Vocabulary::default();
        for (id, token) in (0..).zip(vocab_txt.lines()) {
            vocabulary.insert(token, id)?;
        }
        let [start, end] =
            [Self::required_id(&vocabulary, "[CLS]")?, Self::required_id(&vocabulary, "[SEP]")?];
        let mut special: Vec<u32> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]"]
            .into_iter()
            .filter_map(|token| vocabulary.id(token))
            .collect();
        special.sort_unstable();
        let model = WordPiece::new(&vocabulary, "##".to_owned(), "[UNK]", 100)?;
        Ok(Self {
            vocabulary,
            normalizers: vec![Normalizer::Bert(BertRules {
                cleans: true,
                separates_cjk: true,
                strips_accents: true,
                lowercases: true,
            })],
            splitters: vec![Splitter::Bert],
            model: Model::WordPiece(model),
            frame: (vec![start], vec![end]),
            decoder: Decoder::WordPiece { prefix: "##".to_owned(), tidies: true },
            special,
        })
    }

    /// SigLIP's tokeniser from `spiece.model`: lower case, ASCII punctuation dropped, `</s>` at the end.
    pub fn from_siglip_model(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let file = SentencePieceModel::read(bytes)?;
        if file.kind != 1 {
            return Err(TokenizerError::Unsupported(format!("SentencePiece model of kind {}", file.kind)));
        }
        let mut vocabulary = Vocabulary::default();
        for (id, piece) in (0..).zip(&file.pieces) {
            vocabulary.insert(&piece.text, id)?;
        }
        if let Some(piece) = file.pieces.iter().find(|piece| matches!(piece.kind, 4 | 6)) {
            return Err(TokenizerError::Unsupported(format!(
                "SentencePiece piece {} of kind {}",
                piece.text, piece.kind
            )));
        }
        let of_kind = |kind| (0u32..).zip(&file.pieces).filter(move |(_, piece)| piece.kind == kind);
        let unknown = of_kind(2).map(|(id, _)| id).next();
        let unknown = unknown.ok_or_else(|| TokenizerError::MissingToken("<unk>".to_owned()))?;
        let end = Self::required_id(&vocabulary, "</s>")?;
        let mut special: Vec<u32> = of_kind(3).map(|(id, _)| id).chain([unknown]).collect();
        special.sort_unstable();
        let pieces = of_kind(1).map(|(id, piece)| (piece.text.clone(), id, piece.score));
        let model = Model::Unigram(Unigram::new(pieces, unknown)?);

        let mut normalizers = Vec::from(siglip_text()?);
        if !file.charsmap.is_empty() {
            normalizers.push(Normalizer::Charsmap(Charsmap::new(&file.charsmap)?));
        }
        normalizers.push(Normalizer::MarkedSpaces);
        Ok(Self {
            vocabulary,
            normalizers,
            splitters: Vec::new(),
            model,
            frame: (Vec::new(), vec![end]),
            decoder: Decoder::Metaspace { mark: '▁' },
            special,
        })
    }
}

/// SigLIP's authors drop ASCII punctuation before anything else, and white space is one space.
fn siglip_text() -> Result<[Normalizer; 4], TokenizerError> {
    Ok([
        Normalizer::Lowercase,
        Normalizer::Replace(Regex::new("[[:punct:]]").map_err(Box::new)?, String::new()),
        Normalizer::Replace(Regex::new(r"\s+").map_err(Box::new)?, " ".to_owned()),
        Normalizer::Strip(true, true),
    ])
}

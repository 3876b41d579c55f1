//! Reading `spiece.model`: a SentencePiece model is one protocol-buffer message, of which we need the pieces, the
//! kind of model and the character map.

use super::TokenizerError;

/// What a `spiece.model` holds.
#[derive(Debug, Default)]
pub(super) struct SentencePieceModel {
    /// By id.
    pub(super) pieces: Vec<SentencePiece>,
    pub(super) charsmap: Vec<u8>,
    /// 1 unigram, 2 byte pairs, 3 words, 4 characters.
    pub(super) kind: u64,
}

/// One piece of the vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SentencePiece {
    pub(super) text: String,
    /// Log-probability.
    pub(super) score: f32,
    /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    pub(super) kind: u64,
}

/// A field of a message: a number, or bytes.
enum Field<'b> {
    Varint(u64),
    Fixed32([u8; 4]),
    Bytes(&'b [u8]),
    Skipped,
}

/// The fields of a message in their order; stops with an error where the bytes make no sense.
struct Fields<'b>(&'b [u8]);

const CUT: TokenizerError = TokenizerError::Damaged("a SentencePiece model that is cut off");

impl<'b> Fields<'b> {
    fn next(&mut self) -> Result<Option<(u64, Field<'b>)>, TokenizerError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => {
                self.take(8)?;
                Field::Skipped
            }
            2 => {
                let len = self.varint()?;
                Field::Bytes(self.take(usize::try_from(len).unwrap_or(usize::MAX))?)
            }
            5 => Field::Fixed32(self.take(4)?.try_into().unwrap_or_default()),
            _ => return Err(CUT),
        };
        Ok(Some((key >> 3, field)))
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8], TokenizerError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, TokenizerError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(CUT)
    }
}

impl SentencePieceModel {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let mut model = Self { kind: 1, ..Self::default() };
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, Field::Bytes(piece)) => model.pieces.push(SentencePiece::read(piece)?),
                (2, Field::Bytes(trainer)) => {
                    let mut fields = Fields(trainer);
                    while let Some((number, field)) = fields.next()? {
                        if let (3, Field::Varint(kind)) = (number, field) {
                            model.kind = kind;
                        }
                    }
                }
                (3, Field::Bytes(normalizer)) => {
                    let mut fields = Fields(normalizer);
                    while let Some((number, field)) = fields.next()? {
                        if let (2, Field::Bytes(charsmap)) = (number, field) {
                            model.charsmap = charsmap.to_vec();
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(model)
    }
}

impl SentencePiece {
    fn read(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let mut piece = Self { text: String::new(), score: 0.0, kind: 1 };
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, Field::Bytes(text)) => {
                    piece.text = str::from_utf8(text)
                        .map(str::to_owned)
                        .or(Err(TokenizerError::Damaged("a piece that is not UTF-8")))?;
                }
                (2, Field::Fixed32(score)) => piece.score = f32::from_le_bytes(score),
                (3, Field::Varint(kind)) => piece.kind = kind,
                _ => {}
            }
        }
        Ok(piece)
    }
}

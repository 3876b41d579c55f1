//! [`MODELS`]: the one table of models. Help, licences, downloads, sessions and documentation read its rows.

mod rows;

pub use rows::MODELS;
use serde::Serialize;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Labels for the whole picture and a vector of its scene.
    Scene,
    /// A vector of the picture's look.
    Embedding,
    /// Objects with boxes.
    Objects,
    /// Text in pictures.
    Text,
    /// How good a picture looks, or how good it is technically.
    Quality,
    /// One vector space for pictures and words.
    ImageText,
    /// A sentence about the picture.
    Caption,
    /// Faces with boxes and five points.
    FaceDetection,
    /// Whose face it is.
    FaceIdentity,
    /// Dense points of a face, eyes and smile.
    FaceLandmarks,
    /// Where a face looks.
    HeadPose,
}

/// Which set of models a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pack {
    /// Small, under permissive licences: about 40 MB in all.
    Lite,
    /// Larger and better.
    Quality,
    /// Weights that may not be used commercially: only when asked for by name.
    Research,
}

impl std::fmt::Display for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Lite => "lite",
            Self::Quality => "quality",
            Self::Research => "research",
        })
    }
}

impl std::str::FromStr for Pack {
    type Err = UnknownPack;

    fn from_str(text: &str) -> Result<Self, UnknownPack> {
        [Self::Lite, Self::Quality, Self::Research]
            .into_iter()
            .find(|pack| pack.to_string() == text)
            .ok_or_else(|| UnknownPack(text.to_owned()))
    }
}

/// The text names no pack.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is none of the packs lite, quality and research")]
pub struct UnknownPack(String);

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// An ONNX graph.
    Onnx,
    /// A TFLite graph, lowered to ONNX when it is loaded.
    TfLite {
        /// Values inside the graph that are wanted as outputs too: their names in the file and as outputs.
        more: &'static [(&'static str, &'static str)],
    },
    /// MediaPipe's zip of TFLite graphs.
    Task {
        /// The graph's name in it.
        member: &'static str,
    },
    /// PyTorch weights, from which graphs are exported once. An export has no hash that could be pinned: what lies in
    /// the model's own folder of the models directory is used as it is.
    PyTorch {
        /// The exported graphs: what each is in the model, and its name in that folder.
        graphs: &'static [(&'static str, &'static str)],
    },
    /// Words, labels, a tokeniser.
    Data,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Onnx => "onnx",
            Self::TfLite { .. } => "tflite",
            Self::Task { .. } => "task",
            Self::PyTorch { .. } => "pytorch",
            Self::Data => "data",
        })
    }
}

impl Serialize for Format {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One file of certain bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pin {
    /// The name in the models directory and in a mirror; unique in the table.
    pub name: &'static str,
    /// How it is read.
    pub format: Format,
    /// Length in bytes, where known.
    pub bytes: Option<u64>,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: &'static str,
    /// Where its publisher offers exactly these bytes. Without it, only a mirror has the file.
    pub url: Option<&'static str>,
}

/// A part of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What the part is in its model: `graph`, `labels`, `image`, `text`, …
    pub role: &'static str,
    /// Files that can each fill the part, the preferred one first (a graph and its conversion, for example).
    pub pins: &'static [Pin],
}

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ModelRow {
    /// Short name, for commands and addresses.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// What it is for.
    pub task: Task,
    /// The module that feeds and reads it.
    pub family: &'static str,
    /// The producer under which its results are stored: another version of it is another producer.
    pub version: &'static str,
    /// The set it belongs to.
    pub pack: Pack,
    /// The licence its publisher declares.
    pub licence: &'static str,
    /// Whether that licence allows commercial use.
    pub commercial: bool,
    /// What else a person should know before using it; empty if nothing.
    pub note: &'static str,
    /// Its files.
    pub parts: &'static [Part],
}

impl ModelRow {
    /// The part with this role.
    pub fn part(&self, role: &str) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.role == role)
    }

    /// Graphs that are exported from the model's weights: what each is in the model, and its name in the model's folder.
    pub fn exports(&self) -> &'static [(&'static str, &'static str)] {
        let pins = self.parts.iter().flat_map(|part| part.pins);
        pins.into_iter()
            .find_map(|pin| match pin.format {
                Format::PyTorch { graphs } => Some(graphs),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Bytes to fetch: of the preferred files together, as far as known.
    pub fn bytes(&self) -> u64 {
        let fetched = self.parts.iter().filter_map(|part| part.pins.first());
        let fetched = fetched.filter(|pin| !matches!(pin.format, Format::PyTorch { .. }));
        fetched.filter_map(|pin| pin.bytes).sum()
    }

    /// The address of the publisher, where each part has one.
    pub fn has_official_source(&self) -> bool {
        self.parts.iter().all(|part| part.pins.iter().any(|pin| pin.url.is_some()))
    }
}

/// The row with this id.
pub fn find(id: &str) -> Option<&'static ModelRow> {
    MODELS.iter().find(|row| row.id == id)
}

/// The rows of a pack.
pub fn in_pack(pack: Pack) -> impl Iterator<Item = &'static ModelRow> {
    MODELS.iter().filter(move |row| row.pack == pack)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn pins() -> impl Iterator<Item = &'static Pin> {
        MODELS.iter().flat_map(|row| row.parts).flat_map(|part| part.pins)
    }

    #[test]
    fn names_are_unique_and_hashes_are_hashes() {
        let ids: HashSet<_> = MODELS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), MODELS.len());
        let versions: HashSet<_> = MODELS.iter().map(|row| row.version).collect();
        assert_eq!(versions.len(), MODELS.len());
        let mut by_name = std::collections::HashMap::new();
        for pin in pins() {
            assert_eq!(pin.sha256.len(), 64, "{}", pin.name);
            assert!(pin.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{}", pin.name);
            assert!(pin.url.is_none_or(|url| url.starts_with("https://")), "{}", pin.name);
            assert!(
                pin.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
                "{} is safe in a path and in an address",
                pin.name
            );
            // Two models may share a file (a tokeniser), but never a name for two files.
            assert_eq!(*by_name.entry(pin.name).or_insert(pin.sha256), pin.sha256, "{}", pin.name);
        }
    }

    #[test]
    fn rows_are_complete() {
        for row in MODELS {
            assert!(row.version.contains('@'), "{}: the producer carries its version", row.id);
            assert!(!row.licence.is_empty() && !row.title.is_empty() && !row.parts.is_empty(), "{}", row.id);
            assert_eq!(
                row.pack == Pack::Research,
                !row.commercial,
                "{}: research is what is not free",
                row.id
            );
            assert!(
                row.has_official_source() || !row.note.is_empty(),
                "{}: say why there is no address",
                row.id
            );
            let roles: HashSet<_> = row.parts.iter().map(|part| part.role).collect();
            assert_eq!(roles.len(), row.parts.len(), "{}", row.id);
            assert!(row.parts.iter().all(|part| !part.pins.is_empty()), "{}", row.id);
        }
        let lite: u64 = in_pack(Pack::Lite).map(ModelRow::bytes).sum();
        assert!(lite < 75_000_000, "the first pull stays small: {lite}");
    }

    #[test]
    fn the_test_datas_files_are_the_pinned_ones() {
        let Some(data) = tintype_testkit::test_data() else { return };
        let mut seen = 0;
        for folder in fs_err::read_dir(data.join("models")).unwrap() {
            let folder = folder.unwrap().path();
            for file in fs_err::read_dir(&folder).into_iter().flatten() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if let Some(pin) = pins().find(|pin| pin.name == name) {
                    let bytes = fs_err::read(&path).unwrap();
                    assert_eq!(pin.bytes, Some(bytes.len() as u64), "{name}");
                    assert_eq!(pin.sha256, crate::registry::sha256_hex(&bytes), "{name}");
                    seen += 1;
                }
            }
        }
        assert!(seen >= 15, "{seen} files of the table lie in the test data");
    }
}

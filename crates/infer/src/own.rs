//! Models that people bring themselves: fine-tuned weights, another version of a model of the table. They are listed in a
//! file of the models directory, and then are rows like all others: checked by hash, with their licence shown, and
//! producers of their own.
//!
//! ```json
//! [{
//!   "id": "clip-mine", "version": "clip_mine@2", "family": "clip", "licence": "MIT", "commercial": true,
//!   "files": {
//!     "image": { "name": "mine_image.onnx", "sha256": "…" },
//!     "text": { "name": "mine_text.onnx", "sha256": "…" },
//!     "tokenizer": { "name": "mine_tokenizer.json", "sha256": "…" }
//!   }
//! }]
//! ```

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use crate::table::{Format, MODELS, ModelRow, Pack, Part, Pin, Task};

/// The file's name in the models directory.
pub const FILE: &str = "own.json";

/// Bytes of the file at most.
const MAX_BYTES: u64 = 1 << 20;

/// Families that serve any number of models, each with its parts: those that must be there, in one of these sets.
const FAMILIES: &[(&str, Task, &[&[&str]])] = &[
    ("clip", Task::ImageText, &[&["image", "text", "tokenizer"], &["graph", "tokenizer"]]),
    ("siglip", Task::ImageText, &[&["image", "text", "tokenizer"], &["graph", "tokenizer"]]),
    ("mobileclip", Task::ImageText, &[&["image", "text", "tokenizer"], &["graph", "tokenizer"]]),
    ("dino", Task::Embedding, &[&["graph"]]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    id: String,
    version: String,
    family: String,
    #[serde(default)]
    title: String,
    licence: String,
    commercial: bool,
    files: BTreeMap<String, ListedFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedFile {
    name: String,
    sha256: String,
}

/// [`MODELS`] and, behind them, what the file in `models_dir` lists. A file that cannot be used is left out as a whole,
/// and said so in the log: it must not keep the program from running.
pub(crate) fn with_own(models_dir: &Path) -> &'static [ModelRow] {
    let path = models_dir.join(FILE);
    match read(&path) {
        Ok(own) if own.is_empty() => MODELS,
        // They live as long as the program, which opens its models once.
        Ok(own) => MODELS.iter().copied().chain(own).collect::<Vec<_>>().leak(),
        Err(reason) => {
            tracing::warn!(file = %path.display(), reason, "own models are left out");
            MODELS
        }
    }
}

fn read(path: &Path) -> Result<Vec<ModelRow>, String> {
    let bytes = match fs_err::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
        Ok(found) if found.len() > MAX_BYTES => return Err(format!("it has more than {MAX_BYTES} bytes")),
        Ok(_) => fs_err::read(path).map_err(|error| error.to_string())?,
    };
    parse(&bytes)
}

fn parse(json: &[u8]) -> Result<Vec<ModelRow>, String> {
    let listed: Vec<Listed> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let mut taken: HashSet<String> =
        MODELS.iter().flat_map(|row| [row.id.to_owned(), row.version.to_owned()]).collect();
    for one in &listed {
        check(one)?;
        if !taken.insert(one.id.clone()) || !taken.insert(one.version.clone()) {
            return Err(format!("{}: its id or version is another model's", one.id));
        }
    }
    Ok(listed.into_iter().filter_map(row).collect())
}

fn check(listed: &Listed) -> Result<(), String> {
    let fault = |what: &str| Err(format!("{:?}: {what}", listed.id));
    let is_word = |text: &str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte))
    };
    if !is_word(&listed.id) || !is_word(&listed.version) {
        return fault("id and version are 1 to 64 of a-z, A-Z, 0-9, '-', '_', '.' and '@'");
    }
    let Some((_, _, sets)) = FAMILIES.iter().find(|(family, ..)| *family == listed.family) else {
        let known: Vec<_> = FAMILIES.iter().map(|(family, ..)| *family).collect();
        return fault(&format!("its family is none of {known:?}"));
    };
    let roles: Vec<&str> = listed.files.keys().map(String::as_str).collect();
    if !sets.iter().any(|set| set.len() == roles.len() && set.iter().all(|role| roles.contains(role))) {
        return fault(&format!("its files are {roles:?}, not one of {sets:?}"));
    }
    for file in listed.files.values() {
        let is_name = Path::new(&file.name).file_name().is_some_and(|name| name == file.name.as_str())
            && !file.name.starts_with('.');
        if !is_name {
            return fault("its files are named without a folder: they lie in the models directory");
        }
        if file.sha256.len() != 64
            || !file.sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        {
            return fault("a sha256 is 64 lower-case hexadecimal digits");
        }
    }
    Ok(())
}

fn row(listed: Listed) -> Option<ModelRow> {
    let (family, task, _) = FAMILIES.iter().find(|(family, ..)| *family == listed.family)?;
    let part = |(role, file): (String, ListedFile)| {
        let is_graph = matches!(role.as_str(), "image" | "text" | "graph");
        let format = if is_graph { Format::Onnx } else { Format::Data };
        let pin = Pin { name: file.name.leak(), format, bytes: None, sha256: file.sha256.leak(), url: None };
        Part { role: role.leak(), pins: vec![pin].leak() }
    };
    let title = if listed.title.is_empty() { listed.id.clone() } else { listed.title };
    Some(ModelRow {
        id: listed.id.leak(),
        title: title.leak(),
        task: *task,
        family,
        version: listed.version.leak(),
        pack: Pack::Quality,
        licence: listed.licence.leak(),
        commercial: listed.commercial,
        note: "listed in own.json of the models directory",
        parts: listed.files.into_iter().map(part).collect::<Vec<_>>().leak(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(change: impl Fn(&mut serde_json::Value)) -> Result<Vec<ModelRow>, String> {
        let sha256 = "0123456789abcdef".repeat(4);
        let file = |name: &str| serde_json::json!({ "name": name, "sha256": sha256 });
        let mut one = serde_json::json!({
            "id": "clip-mine", "version": "clip_mine@2", "family": "clip", "licence": "MIT", "commercial": true,
            "files": { "image": file("i.onnx"), "text": file("t.onnx"), "tokenizer": file("t.json") },
        });
        change(&mut one);
        parse(&serde_json::to_vec(&[one]).unwrap())
    }

    #[test]
    fn what_is_listed_is_a_row() {
        let rows = listed(|_| ()).unwrap();
        assert_eq!((rows.len(), rows[0].id, rows[0].version), (1, "clip-mine", "clip_mine@2"));
        assert_eq!(rows[0].part("image").unwrap().pins[0].format, Format::Onnx);
        assert_eq!(rows[0].part("tokenizer").unwrap().pins[0].format, Format::Data);
        assert_eq!(rows[0].title, "clip-mine");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (field, value) in [
            ("id", "tinyclip".into()),
            ("id", "a b".into()),
            ("version", "clip_vit_b32@1".into()),
            ("family", "gpt".into()),
            ("files", serde_json::json!({})),
            ("files", serde_json::json!({ "graph": { "name": "../x", "sha256": "00" } })),
            ("more", true.into()),
        ] {
            let error = listed(|one| one[field] = value.clone()).unwrap_err();
            assert!(!error.is_empty(), "{field} {value}");
        }
        let escape = |one: &mut serde_json::Value| one["files"]["image"]["name"] = "../i.onnx".into();
        assert!(listed(escape).unwrap_err().contains("without a folder"));
        let short = |one: &mut serde_json::Value| one["files"]["image"]["sha256"] = "00".into();
        assert!(listed(short).unwrap_err().contains("sha256"));
    }

    #[test]
    fn a_file_that_is_nonsense_keeps_nothing_from_running() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(with_own(dir.path()).len(), MODELS.len());
        fs_err::write(dir.path().join(FILE), "{").unwrap();
        assert_eq!(with_own(dir.path()).len(), MODELS.len());
    }
}

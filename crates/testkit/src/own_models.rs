//! [`OwnModels`]: a models directory of small graphs with random weights, for what needs a model and not its knowledge.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::Digest as _;

/// A models directory whose `own.json` lists models over the fixtures of `infer`.
pub struct OwnModels {
    dir: PathBuf,
    listed: Vec<Value>,
}

impl OwnModels {
    /// In a folder that is made if need be.
    pub fn new(dir: &Path) -> Self {
        fs_err::create_dir_all(dir).expect("the folder can be made");
        Self { dir: dir.to_owned(), listed: Vec::new() }
    }

    /// A CLIP of two towers.
    pub fn add_clip(&mut self, id: &str, version: &str) {
        let files =
            [("image", "clip.vision.onnx"), ("text", "clip.text.onnx"), ("tokenizer", "clip.tokenizer.json")];
        self.add(id, version, "clip", &files);
    }

    /// A CLIP in one graph of 8-bit weights: a model of the same shape whose vectors are others.
    pub fn add_clip_int8(&mut self, id: &str, version: &str) {
        self.add(
            id,
            version,
            "clip",
            &[("graph", "clip.both.int8.onnx"), ("tokenizer", "clip.tokenizer.json")],
        );
    }

    /// A DINOv2.
    pub fn add_dino(&mut self, id: &str, version: &str) {
        self.add(id, version, "dino", &[("graph", "dino.onnx")]);
    }

    /// A model over fixtures: role and fixture of each part.
    pub fn add(&mut self, id: &str, version: &str, family: &str, files: &[(&str, &str)]) {
        let mut parts = serde_json::Map::new();
        for (role, fixture) in files {
            let bytes = unpacked(fixture);
            let digest = sha2::Sha256::digest(&bytes);
            let sha256 = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            let name = format!("{id}.{fixture}");
            fs_err::write(self.dir.join(&name), bytes).expect("the folder can be written");
            parts.insert((*role).to_owned(), json!({ "name": name, "sha256": sha256 }));
        }
        self.listed.push(json!({
            "id": id, "version": version, "family": family, "licence": "MIT", "commercial": true, "files": parts,
        }));
        let list = serde_json::to_vec_pretty(&self.listed).expect("it is JSON");
        fs_err::write(self.dir.join("own.json"), list).expect("the folder can be written");
    }
}

/// A fixture of `infer`.
fn unpacked(name: &str) -> Vec<u8> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infer/tests/golden");
    let packed = fs_err::read(golden.join(format!("{name}.gz"))).expect("infer has this fixture");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).expect("it is packed by gzip");
    bytes
}

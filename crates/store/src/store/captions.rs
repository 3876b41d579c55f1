//! The caption that is shown of a photo, of all that people, files and steps said: [`Caption::shown`] decides.

use std::collections::HashMap;

use tintype_core::{Caption, ComputedCaption, FeatureValue, PhotoId};

use super::{Store, photo};
use crate::backend::{params, query_all};
use crate::error::Result;
use crate::model::decision::Annotations;

/// The kind of feature that captions are.
pub(super) const KIND: &str = "caption";

/// A computed caption, if the feature holds one.
pub(super) fn computed(producer: String, value: &FeatureValue, computed_ms: i64) -> Option<ComputedCaption> {
    let json = value.as_json()?;
    let text = json.as_str().or_else(|| json["text"].as_str())?.to_owned();
    let confidence = json["confidence"].as_f64().map_or(1.0, |confidence| confidence as f32);
    Some(ComputedCaption { text, producer, confidence, computed_ms })
}

impl Store {
    /// The caption that is shown of each of these photos, of those that have one.
    pub fn captions(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, Caption>> {
        let uuids: Vec<Vec<u8>> = photos.iter().map(|photo| photo.0.as_bytes().to_vec()).collect();
        self.read(|session| {
            let sql = format!(
                "SELECT p.uuid, k.producer, x.created_ms, x.type, x.value FROM photos p \
                 JOIN features x ON x.subject_id = p.subject_id JOIN feature_keys k ON k.id = x.key_id \
                 WHERE k.kind = '{KIND}' AND p.uuid IN rarray(?1)"
            );
            let mut said: HashMap<PhotoId, Vec<ComputedCaption>> = HashMap::new();
            session.query(&sql, params![uuids.clone()], &mut |row| {
                // A value that cannot be read says nothing.
                let value = self.decode(row, 3).ok().flatten();
                let producer = row.text(1)?;
                let caption = value.and_then(|value| computed(producer, &value, row.int(2).ok()?));
                said.entry(photo::photo_id(row.bytes(0)?)?).or_default().extend(caption);
                Ok(())
            })?;
            let sql = "SELECT p.uuid, m.metadata, a.body FROM photos p \
                       LEFT JOIN photo_metadata m ON m.photo_id = p.id LEFT JOIN annotations a ON a.photo_id = p.id \
                       WHERE p.uuid IN rarray(?1)";
            let shown = query_all(session, sql, params![uuids.clone()], |row| {
                let id = photo::photo_id(row.bytes(0)?)?;
                let metadata = row.opt_text(1)?.map(|text| photo::metadata(&text)).transpose()?;
                let file = metadata.and_then(|metadata| metadata.description);
                let decided = row.opt_text(2)?.map(|body| serde_json::from_str::<Annotations>(&body));
                let own = decided.transpose()?.and_then(|decided| decided.caption);
                let computed = said.get(&id).map_or(&[][..], Vec::as_slice);
                Ok(Caption::shown(own.as_deref(), file.as_deref(), computed).map(|caption| (id, caption)))
            })?;
            Ok(shown.into_iter().flatten().collect())
        })
    }
}

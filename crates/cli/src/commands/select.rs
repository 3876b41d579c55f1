//! Which photos a user names: files, folders and ids.

use std::path::Path;

use anyhow::Result;
use tintype_core::PhotoId;
use tintype_engine::Engine;
use tintype_engine::store::Scope;

use crate::exit::Usage;

/// The photos that `targets` name, each once, in their order.
pub(super) fn photos(engine: &Engine, targets: &[String]) -> Result<Vec<PhotoId>> {
    let mut found = Vec::new();
    for target in targets {
        if let Ok(id) = target.parse::<PhotoId>()
            && !Path::new(target).exists()
        {
            found.push(engine.photo(id)?.summary.id);
            continue;
        }
        let path = std::path::absolute(target)?;
        let path = fs_err::canonicalize(&path).unwrap_or(path);
        if path.is_dir() {
            found.extend(in_folder(engine, &path)?);
            continue;
        }
        let photo = engine.store().file_at(&path)?.and_then(|(_, photo)| photo);
        let photo = photo.ok_or_else(|| {
            Usage(format!("{} is no photo of the library; index its folder first", path.display()))
        })?;
        found.push(photo);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|photo| seen.insert(*photo));
    Ok(found)
}

fn in_folder(engine: &Engine, path: &Path) -> Result<Vec<PhotoId>> {
    let roots = engine.store().roots()?;
    let root = roots.iter().find(|root| path.starts_with(&root.path));
    let root = root.ok_or_else(|| {
        Usage(format!("{} is not part of the library; run: tintype index {0}", path.display()))
    })?;
    let rel = path.strip_prefix(&root.path)?.as_os_str().as_encoded_bytes().to_vec();
    Ok(engine.photos_in(Scope::Folder { root: root.id, rel })?)
}

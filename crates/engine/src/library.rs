//! The library as people look at it: paths, albums, previews, originals, features, duplicates.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value as Json, json};
use tintype_core::{AlbumId, ErrorCode, Orientation, PhotoId, PixelHash};
use tintype_media::DecodeRequest;
use tintype_store::{Album, AlbumSource, CacheStats, NewAlbum, PhotoDetail, PhotoQuery, PruneReport, Scope};

use crate::engine::Engine;
use crate::previews::PREVIEW_SIZES;
use crate::steps::group_duplicates::{self, DuplicateGroup, Tier};
use crate::steps::{Subject, describe_plainly, thumbnail::Thumbnail};
use crate::{Error, Result, paths};

/// Enough of a file's beginning to tell its format.
const SNIFFED_BYTES: u64 = 4096;

/// A preview picture.
#[derive(Debug, Clone)]
pub struct Preview {
    /// A JPEG.
    pub bytes: Vec<u8>,
    /// Changes exactly when the bytes may change.
    pub etag: String,
}

/// A photo's own file.
#[derive(Debug, Clone)]
pub struct Original {
    /// Where it is.
    pub path: PathBuf,
    /// Its media type, by content.
    pub mime: &'static str,
    /// Its name, for people.
    pub name: String,
}

/// One feature with where it came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureView {
    /// The fact.
    pub kind: String,
    /// The algorithm or model that made it, with its version.
    pub producer: String,
    /// Its parameters as canonical JSON; empty when there are none.
    pub params: String,
    /// The value; large ones are described.
    pub value: Json,
    /// Milliseconds since the Unix epoch.
    pub computed_ms: i64,
    /// Size of the value.
    pub bytes: u64,
}

/// One page of groups of duplicates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DuplicatePage {
    /// Groups, largest first within their tier.
    pub items: Vec<DuplicateGroup>,
    /// Groups of the tier asked for.
    pub total: u64,
    /// Groups of tier `bytes`.
    pub bytes: u64,
    /// Groups of tier `picture`.
    pub picture: u64,
    /// Groups of tier `moment`.
    pub moment: u64,
    /// Whether the library has changed since they were grouped.
    pub stale: bool,
}

/// Figures of the feature store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CacheReport {
    /// Sizes, counts and hits.
    #[serde(flatten)]
    pub stats: CacheStats,
    /// How many photos of the library have each current feature; see [`Engine::cache_stats`].
    pub coverage: Vec<Coverage>,
}

/// How many photos have a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The fact.
    pub kind: String,
    /// Who makes it.
    pub producer: String,
    /// Photos that have it.
    pub have: u64,
    /// Photos in all.
    pub total: u64,
}

/// One part of the readiness check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// In words.
    pub detail: String,
}

impl Engine {
    /// The canonical form of a folder given by a user of this machine, for indexing.
    pub fn local_folder(&self, path: &Path) -> Result<PathBuf> {
        // A root that is offline has no canonical form; its stored path is one.
        let Ok(canonical) = fs_err::canonicalize(path) else {
            let absolute = std::path::absolute(path)?;
            let is_root = self.store().roots()?.iter().any(|root| absolute.starts_with(&root.path));
            return if is_root { Ok(absolute) } else { Err(Error::PathNotFound(path.to_path_buf())) };
        };
        if !canonical.is_dir() {
            return Err(Error::NotAFolder(path.to_path_buf()));
        }
        if canonical.starts_with(&self.config().data_dir) {
            return Err(Error::InsideDataDir(canonical));
        }
        Ok(canonical)
    }

    /// The canonical form of a folder given through the API: links resolved, it must lie under a library root or
    /// an allowed folder.
    pub fn check_path(&self, path: &Path) -> Result<PathBuf> {
        self.local_folder(&self.check_source(path)?)
    }

    /// As [`Engine::check_path`], for a file or a folder.
    pub fn check_source(&self, path: &Path) -> Result<PathBuf> {
        if !path.is_absolute() {
            return Err(Error::PathNotFound(path.to_path_buf()));
        }
        let allowed = |canonical: &Path| -> Result<bool> {
            let roots = self.store().roots()?;
            Ok(roots
                .iter()
                .map(|root| &root.path)
                .chain(&self.config().allowed)
                .any(|folder| canonical.starts_with(folder)))
        };
        // Whether a path outside exists is nobody's business: the answer is the same.
        let Ok(canonical) = fs_err::canonicalize(path) else {
            let lexical_escape = path.components().any(|part| part == std::path::Component::ParentDir);
            let inside = !lexical_escape && allowed(path)?;
            return Err(if inside {
                Error::PathNotFound(path.to_path_buf())
            } else {
                Error::PathNotAllowed(path.to_path_buf())
            });
        };
        if !allowed(&canonical)? {
            return Err(Error::PathNotAllowed(path.to_path_buf()));
        }
        Ok(canonical)
    }

    /// The scope of an album, or of the whole library.
    pub fn album_scope(&self, album: Option<AlbumId>) -> Result<Scope> {
        match album {
            None => Ok(Scope::Library),
            Some(id) => match self.store().album(id)? {
                Some(_) => Ok(Scope::Album(id)),
                None => Err(Error::NoAlbum(id)),
            },
        }
    }

    /// Makes an album of everything in a folder and below it; the folder becomes part of the library.
    /// `path` must come from [`Engine::check_path`] or [`Engine::local_folder`].
    pub fn create_folder_album(&self, name: &str, path: &Path) -> Result<Album> {
        let roots = self.store().roots()?;
        let holder = roots
            .iter()
            .filter(|root| path.starts_with(&root.path))
            .max_by_key(|root| root.path.as_os_str().len());
        let (root, rel) = match holder {
            Some(root) => (root.id, paths::relative(&root.path, path).unwrap_or_default()),
            None => (self.store().ensure_root(path)?, Vec::new()),
        };
        Ok(self
            .store()
            .create_album(&NewAlbum { name: name.to_owned(), source: AlbumSource::Folder { root, rel } })?)
    }

    /// A photo, or [`Error::NoPhoto`].
    pub fn photo(&self, id: PhotoId) -> Result<PhotoDetail> {
        self.store().photo(id)?.ok_or(Error::NoPhoto(id))
    }

    /// All photos of `scope` that are there, oldest first.
    pub fn photos_in(&self, scope: Scope) -> Result<Vec<PhotoId>> {
        let limit = PhotoQuery::MAX_LIMIT;
        let mut query = PhotoQuery { scope, limit, descending: false, ..PhotoQuery::default() };
        let mut photos = Vec::new();
        loop {
            let page = self.store().list_photos(&query)?;
            photos.extend(page.items.iter().map(|photo| photo.id));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return Ok(photos);
            }
        }
    }

    /// A preview with a long side of `size` (one of [`PREVIEW_SIZES`]), made again if its file is missing.
    pub fn thumbnail(&self, id: PhotoId, size: u32) -> Result<Preview> {
        let photo = self.photo(id)?;
        let (pixel_hash, orientation) = (photo.pixel_hash, photo.metadata.orientation);
        let etag = format!("{}-{}-{size}", &pixel_hash.to_string()[..32], orientation.exif());
        if let Some(bytes) = self.0.previews.load(&pixel_hash, orientation, size) {
            return Ok(Preview { bytes, etag });
        }
        if !photo.summary.decodable {
            let issue = photo.issues.into_iter().next_back();
            let (code, detail) = issue
                .map_or((ErrorCode::NotDecodable, "this photo cannot be shown".into()), |issue| {
                    (issue.code, issue.detail)
                });
            return Err(Error::Unavailable { code, detail });
        }
        self.make_previews(&photo, pixel_hash, orientation)?;
        let bytes = self.0.previews.load(&pixel_hash, orientation, size);
        bytes.map(|bytes| Preview { bytes, etag }).ok_or_else(|| Error::Unavailable {
            code: ErrorCode::NotFound,
            detail: format!("previews have long sides of {PREVIEW_SIZES:?} pixels"),
        })
    }

    fn make_previews(
        &self,
        photo: &PhotoDetail,
        pixel_hash: PixelHash,
        orientation: Orientation,
    ) -> Result<()> {
        let path = present_file(photo)?;
        let inspected = tintype_media::inspect(&path, &self.config().limits)?;
        if inspected.pixel_hash != pixel_hash {
            return Err(Error::Unavailable {
                code: ErrorCode::FileVanished,
                detail: format!("{} has changed; index it again", path.display()),
            });
        }
        let _share =
            self.0.budget.take(inspected.size + tintype_media::decode_cost(&inspected, PREVIEW_SIZES[0]));
        let request = DecodeRequest { long_side: PREVIEW_SIZES[0], limits: self.config().limits.clone() };
        let picture = tintype_media::decode(&inspected, &request)?;
        let step = Thumbnail::new(self.0.previews.clone());
        step.write(&Subject::new(&picture, (pixel_hash, orientation)))?;
        Ok(())
    }

    /// A present copy of the photo's file.
    pub fn original(&self, id: PhotoId) -> Result<Original> {
        let photo = self.photo(id)?;
        let path = present_file(&photo)?;
        // The path was stored below a root; a link put there since must not lead out of it (INV-7).
        let canonical = fs_err::canonicalize(&path)?;
        if !self.store().roots()?.iter().any(|root| canonical.starts_with(&root.path)) {
            return Err(Error::PathNotAllowed(path));
        }
        let mut head = Vec::new();
        fs_err::File::open(&canonical)?.take(SNIFFED_BYTES).read_to_end(&mut head)?;
        let mime = tintype_media::Format::sniff(&head)
            .map_or("application/octet-stream", tintype_media::Format::mime);
        Ok(Original { path: canonical, mime, name: photo.summary.name })
    }

    /// Every feature of a photo, large values described; with `full`, vectors in full.
    pub fn features(&self, id: PhotoId, full: bool) -> Result<Vec<FeatureView>> {
        self.photo(id)?;
        let stored = self.store().features_of(id)?;
        let view = |feature: tintype_store::StoredFeature| {
            let step = self.0.steps.iter().find(|step| step.row().makes.contains(&feature.key.kind.as_str()));
            let value = match (&feature.value, step) {
                (tintype_core::FeatureValue::Vector(vector), _) if full => json!(vector),
                (value, Some(step)) => step.describe(value),
                (value, None) => describe_plainly(value),
            };
            let (kind, producer, params) = (feature.key.kind, feature.key.producer, feature.key.params);
            FeatureView {
                kind,
                producer,
                params,
                value,
                computed_ms: feature.created_ms,
                bytes: feature.bytes,
            }
        };
        Ok(stored.into_iter().map(view).collect())
    }

    /// Groups of duplicates as last grouped, of one tier or (`None`) of all, in tier order.
    pub fn duplicates(
        &self,
        scope: &Scope,
        tier: Option<Tier>,
        offset: usize,
        limit: usize,
    ) -> Result<DuplicatePage> {
        group_duplicates::page(self.store(), scope, tier, offset, limit)
    }

    /// Figures of the feature store. Of a kind's producers, covered are those whose models are here and those that have made
    /// something; where there are none, the first.
    pub fn cache_stats(&self) -> Result<CacheReport> {
        let counted = self.store().coverage(&Scope::Library, &self.current_keys())?;
        let mut of_kind: Vec<(String, Vec<(bool, Coverage)>)> = Vec::new();
        for (step, (key, have, total)) in self.0.steps.iter().zip(counted) {
            let is_here = step.models().iter().all(|id| self.models().is_available(id));
            let coverage = Coverage { kind: key.kind.clone(), producer: key.producer, have, total };
            match of_kind.iter_mut().find(|(kind, _)| *kind == key.kind) {
                Some((_, rows)) => rows.push((is_here || have > 0, coverage)),
                None => of_kind.push((key.kind, vec![(is_here || have > 0, coverage)])),
            }
        }
        let coverage = of_kind.into_iter().flat_map(|(_, mut rows)| {
            if rows.iter().any(|(is_shown, _)| *is_shown) {
                rows.retain(|(is_shown, _)| *is_shown);
            } else {
                rows.truncate(1);
            }
            rows.into_iter().map(|(_, coverage)| coverage)
        });
        Ok(CacheReport { coverage: coverage.collect(), stats: self.store().stats()? })
    }

    /// Removes what nothing refers to any more: photos whose files are gone, features of older producers.
    pub fn prune(&self, dry_run: bool) -> Result<PruneReport> {
        let control = tintype_core::Control::new();
        let _pipeline = self.0.wait_for_pipeline(&control)?;
        let report = self.store().prune(&self.current_keys(), dry_run)?;
        if !dry_run && let Err(error) = self.0.vectors.sweep() {
            tracing::warn!(%error, "indexes of vectors keep what was removed, unseen, until the next time");
        }
        Ok(report)
    }

    /// Takes a root out of the library and returns how many files it had there. Photos' files are not touched, and
    /// features stay: indexing the folder again computes nothing.
    pub fn forget_root(&self, root: tintype_store::RootId) -> Result<u64> {
        let control = tintype_core::Control::new();
        let _pipeline = self.0.wait_for_pipeline(&control)?;
        Ok(self.store().forget_root(root)?)
    }

    /// The features that the current versions of all steps make with default parameters.
    fn current_keys(&self) -> Vec<tintype_core::FeatureKey> {
        self.0.steps.iter().map(|step| step.key(&crate::steps::Params::new())).collect()
    }

    /// Whether the parts that requests depend on are well.
    pub fn ready(&self) -> Vec<Check> {
        let database = self.store().ping();
        let mut checks = vec![Check {
            name: "database",
            ok: database.is_ok(),
            detail: database.map_or_else(|error| error.to_string(), |()| self.store().backend_name()),
        }];
        let probe = self.config().data_dir.join("run").join(format!("probe-{}", std::process::id()));
        let written = probe
            .parent()
            .map_or(Ok(()), fs_err::create_dir_all)
            .and_then(|()| fs_err::write(&probe, b"x"))
            .and_then(|()| fs_err::remove_file(&probe));
        checks.push(Check {
            name: "data directory",
            ok: written.is_ok(),
            detail: written
                .map_or_else(|error| error.to_string(), |()| self.config().data_dir.display().to_string()),
        });
        if let Ok(roots) = self.store().roots() {
            for root in roots.iter().filter(|root| !root.online) {
                // An unplugged disk is no reason to take the service out of rotation.
                checks.push(Check {
                    name: "root",
                    ok: true,
                    detail: format!("{} is offline", root.path.display()),
                });
            }
        }
        let (here, missing): (Vec<_>, Vec<_>) =
            tintype_media::available_decoders().into_iter().partition(|decoder| decoder.version.is_some());
        let names = |decoders: &[tintype_media::DecoderInfo]| {
            decoders.iter().map(|decoder| decoder.name).collect::<Vec<_>>().join(", ")
        };
        // One that is missing leaves some files without a picture, and the service as fit as before.
        let missing =
            if missing.is_empty() { String::new() } else { format!("; not here: {}", names(&missing)) };
        checks.push(Check { name: "decoders", ok: true, detail: names(&here) + &missing });
        checks
    }
}

/// A copy that is there and can be reached.
fn present_file(photo: &PhotoDetail) -> Result<PathBuf> {
    let usable = photo.files.iter().find(|file| file.present && file.root_online);
    usable.map(|file| file.path.clone()).ok_or_else(|| Error::Unavailable {
        code: ErrorCode::RootOffline,
        detail: "no copy of this photo can be reached now".into(),
    })
}

//! XMP side files: where they lie, writing them, and how their word and the photo's own come together.

use std::path::{Path, PathBuf};

use tintype_core::{Metadata, TakenAt};

use super::batch::Prepared;
use super::disk::{self, Held, Reading, Staged};
use super::fields::{self, Role};
use super::xmp::{self, Property, Wrapping};
use super::{MetadataEdit, Place, WriteOptions, Written, refused};
use crate::format::is_raw_name;
use crate::metadata::upright;
use crate::{Error, Limits, inspect, is_candidate_name, read_sidecar};

/// By this property Adobe's programs say which of several files of one name a side file is for.
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
/// Larger side files are not edited.
const MAX_SIDECAR: u64 = 8 << 20;

/// The side file of a photo, whether it exists or not: `NAME.EXT.xmp`, unless only `NAME.xmp` exists and belongs to it.
pub fn sidecar_path(photo: &Path) -> PathBuf {
    find_sidecar(photo).unwrap_or_else(|| with_suffix(photo, ".xmp"))
}

/// The side file of a photo, if there is one.
///
/// `NAME.EXT.xmp` comes first. `NAME.xmp` belongs to the photo whose extension it names
/// (`photoshop:SidecarForExtension`), else to the raw file of that name, else to the only picture of that name.
pub fn find_sidecar(photo: &Path) -> Option<PathBuf> {
    let exists = |path: &PathBuf| fs_err::symlink_metadata(path).is_ok();
    let own = [".xmp", ".XMP"].map(|suffix| with_suffix(photo, suffix)).into_iter().find(exists);
    own.or_else(|| {
        let shared =
            ["xmp", "XMP"].map(|extension| photo.with_extension(extension)).into_iter().find(exists)?;
        belongs(&shared, photo).then_some(shared)
    })
}

fn with_suffix(photo: &Path, suffix: &str) -> PathBuf {
    let mut name = photo.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn belongs(shared: &Path, photo: &Path) -> bool {
    let extension =
        |path: &Path| path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let named = fs_err::metadata(shared)
        .ok()
        .filter(|meta| meta.is_file() && meta.len() <= MAX_SIDECAR)
        .and_then(|_small| fs_err::read(shared).ok())
        .and_then(|packet| xmp::plain(&packet, PHOTOSHOP, "SidecarForExtension"));
    if let Some(named) = named.filter(|named| !named.trim().is_empty()) {
        return extension(photo).as_deref() == Some(named.trim().to_lowercase().as_str());
    }
    let Ok(entries) = fs_err::read_dir(disk::folder(photo)) else { return false };
    let is_raw = |path: &Path| path.file_name().is_some_and(|name| is_raw_name(name.as_encoded_bytes()));
    // Others of the same name, of which the side file could be.
    let rivals: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_stem() == photo.file_stem() && path.file_name() != photo.file_name())
        .filter(|path| path.file_name().is_some_and(|name| is_candidate_name(name.as_encoded_bytes())))
        .collect();
    rivals.is_empty() || is_raw(photo) && !rivals.iter().any(|rival| is_raw(rival))
}

/// What a side file says. A damaged one, or one that is no plain file, is an error.
pub fn load_sidecar(path: &Path) -> Result<Metadata, Error> {
    Ok(Beside::open(path.to_owned(), &[])?.says())
}

/// Writes the edit into the photo's side file, which is made where there is none. The photo itself is only read.
pub fn write_sidecar(photo: &Path, edit: &MetadataEdit, options: &WriteOptions) -> Result<Written, Error> {
    prepare(photo, &edit.normalised()?, options, None)?.finish()
}

pub(super) fn prepare(
    photo: &Path,
    edit: &MetadataEdit,
    options: &WriteOptions,
    aside: Option<String>,
) -> Result<Prepared, Error> {
    let mut inspected = inspect(photo, &options.limits)?;
    if options.expected.is_some_and(|expected| expected.content != inspected.content_hash) {
        return Err(Error::Vanished { path: photo.to_owned() });
    }
    inspected.bytes = None;
    let edit = speakable(edit, &inspected.metadata)?;
    let properties = fields::xmp(&edit, Role::Alone);
    let mut staged = Vec::new();
    let existing = find_sidecar(photo);
    let path = existing.clone().unwrap_or_else(|| with_suffix(photo, ".xmp"));
    if let Some(existing) = existing {
        let beside = Beside::open(existing, &properties)?;
        merge_sidecar(&mut inspected.metadata, &beside.says());
        staged.extend(beside.stage()?);
    } else if let Some(packet) = xmp::create(&properties, Wrapping::File)? {
        merge_sidecar(&mut inspected.metadata, &read_sidecar(&packet));
        staged.push(Staged::fresh(&path, &packet, photo)?);
    }
    Ok(Prepared { place: Place::Sidecar(path), inspected, aside, staged })
}

/// The edit in words that a side file has. It cannot say that something in the photo's own file does not hold, except
/// for a rating: 0 stars are none.
fn speakable(edit: &MetadataEdit, embedded: &Metadata) -> Result<MetadataEdit, Error> {
    let mut edit = edit.clone();
    if edit.rating == Some(None) && embedded.rating.is_some_and(|rating| rating != 0) {
        edit.rating = Some(Some(0));
    }
    if edit.title == Some(None) && embedded.title.is_some() {
        return refused("a side file cannot remove the title inside the photo's file");
    }
    if edit.keywords.as_ref().is_some_and(Vec::is_empty) && !embedded.keywords.is_empty() {
        return refused("a side file cannot remove the keywords inside the photo's file");
    }
    Ok(edit)
}

/// An existing side file and what becomes of it.
pub(super) struct Beside {
    path: PathBuf,
    /// What it will say.
    packet: Vec<u8>,
    /// The file as it is, where it has to change.
    held: Option<Box<Held>>,
}

impl Beside {
    /// The side file of a photo that is edited itself: what the side file says of the edited fields is kept in step.
    pub(super) fn find(photo: &Path, edit: &MetadataEdit) -> Result<Option<Self>, Error> {
        let properties = fields::xmp(edit, Role::Extra);
        find_sidecar(photo).map(|path| Self::open(path, &properties)).transpose()
    }

    /// Reads a side file and works out what it will say. A damaged one is an error: it may hold years of work.
    fn open(path: PathBuf, properties: &[Property]) -> Result<Self, Error> {
        let limits = Limits { whole_file_bytes: MAX_SIDECAR, ..Limits::default() };
        let held = match Held::read(&path, &limits)? {
            Reading::Held(held) => held,
            Reading::Aside(detail) => return Err(Error::SidecarUnusable { path, detail }),
        };
        match xmp::edit(&held.bytes, properties) {
            Ok(Some(packet)) => {
                held.check_permission(&path)?;
                Ok(Self { path, packet, held: Some(held) })
            }
            Ok(None) => Ok(Self { path, packet: held.bytes, held: None }),
            Err(Error::NotWritable { detail }) => Err(Error::SidecarUnusable { path, detail }),
            Err(error) => Err(error),
        }
    }

    /// What it will say.
    pub(super) fn says(&self) -> Metadata {
        read_sidecar(&self.packet)
    }

    /// Writes what has to change beside it.
    pub(super) fn stage(self) -> Result<Option<Staged>, Error> {
        self.held.as_ref().map(|held| Staged::over(&self.path, &self.packet, held, false)).transpose()
    }
}

/// Adds what a side file says to what the photo's file says.
///
/// The side file comes first where it says anything about rating, title, description, keywords, place and face
/// regions; keywords and regions are replaced as a whole. Its date comes first when it is one of taking
/// (`exif:DateTimeOriginal`, `photoshop:DateCreated`); `xmp:CreateDate` only before dates in the photo that are weaker
/// than that, and dates of editing only where the photo has none. Size, orientation, camera and exposure are the
/// photo's own. `sources` says which won.
pub fn merge_sidecar(embedded: &mut Metadata, sidecar: &Metadata) {
    let mut say = |field: &str| {
        let source = sidecar.sources.get(field).map_or("", String::as_str);
        embedded.sources.insert(field.to_owned(), renamed(source));
    };
    if sidecar.rating.is_some() {
        embedded.rating = sidecar.rating;
        say("rating");
    }
    if sidecar.title.is_some() {
        embedded.title.clone_from(&sidecar.title);
        say("title");
    }
    if sidecar.description.is_some() {
        embedded.description.clone_from(&sidecar.description);
        say("description");
    }
    if !sidecar.keywords.is_empty() {
        embedded.keywords.clone_from(&sidecar.keywords);
        say("keywords");
    }
    if sidecar.gps.is_some() {
        embedded.gps = sidecar.gps;
        say("gps");
    }
    if let Some(taken) = &sidecar.taken_at
        && is_stronger(taken, embedded.taken_at.as_ref())
    {
        embedded.taken_at = Some(TakenAt { source: renamed(&taken.source), ..taken.clone() });
        say("taken_at");
    }
    if !sidecar.face_regions.is_empty() {
        // Regions lie on the stored picture; a side file without an orientation did not turn them.
        let turn = sidecar.orientation.exif() == 1;
        embedded.face_regions = sidecar
            .face_regions
            .iter()
            .map(|region| if turn { upright(region, embedded.orientation) } else { region.clone() })
            .collect();
    }
}

/// `XMP.xmp:Rating` in a side file is `Sidecar.xmp:Rating`.
fn renamed(source: &str) -> String {
    format!("Sidecar.{}", source.strip_prefix("XMP.").unwrap_or(source))
}

fn is_stronger(beside: &TakenAt, embedded: Option<&TakenAt>) -> bool {
    let Some(embedded) = embedded else { return true };
    let is_taking = |source: &str| {
        matches!(source, "Exif.DateTimeOriginal" | "XMP.exif:DateTimeOriginal" | "XMP.photoshop:DateCreated")
    };
    let is_editing = |source: &str| source.starts_with("File.") || source.ends_with("ModifyDate");
    match beside.source.as_str() {
        source if is_taking(source) => true,
        source if is_editing(source) => embedded.source.starts_with("File."),
        _ => !is_taking(&embedded.source),
    }
}

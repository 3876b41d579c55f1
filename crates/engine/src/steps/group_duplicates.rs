//! `group_duplicates`: three tiers kept apart. Same bytes; same picture (same pixels, or resized, recompressed,
//! re-tagged, cropped, turned, mirrored); same moment (bursts, similar). A pure function of stored features: no
//! photo is opened.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_core::{Control, MediaKind, Orientation, PhotoId, PixelHash};
use tintype_store::{Choice, PathText, Scope, Store};
use tintype_vision::GrayImage;
use tintype_vision::duplicates::{self, Copy, Item, KeepReason, MomentReason, PictureEvidence, PicturePair};
use tintype_vision::keypoints::{self, Keypoints};
use tintype_vision::phash::PerceptualHash;

use super::{Params, StepRow, StepScope, extract_keypoints, perceptual_hash};
use crate::Result;
use crate::library::DuplicatePage;
use crate::vectors::embedder::grid_key;

pub(crate) const ROW: StepRow = StepRow {
    id: "group_duplicates",
    version: 1,
    scope: StepScope::Collection,
    needs: &["perceptual_hash", "extract_keypoints", "extract_scene_embedding", "detect_blur"],
    makes: &["duplicates"],
    parameters: &[],
    help: "Groups same bytes, same picture and same moment, each with the copy worth keeping and why.",
};

/// How alike the members of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The files are equal byte for byte.
    Bytes,
    /// One picture in several files.
    Picture,
    /// Several pictures of one moment.
    Moment,
}

impl Tier {
    /// Every tier, strictest first.
    pub const ALL: [Self; 3] = [Self::Bytes, Self::Picture, Self::Moment];

    fn view(self) -> &'static str {
        match self {
            Self::Bytes => "duplicates_bytes",
            Self::Picture => "duplicates_picture",
            Self::Moment => "duplicates_moment",
        }
    }
}

/// One file of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateMember {
    /// The photo that the file holds.
    pub photo: PhotoId,
    /// Where it is; bytes that are not UTF-8 are replaced.
    pub path: String,
}

/// Files that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateGroup {
    /// Stable while the same photo leads the group.
    pub id: String,
    /// How alike they are.
    pub tier: Tier,
    /// The photo worth keeping.
    pub keep: PhotoId,
    /// Its file.
    pub keep_path: String,
    /// Why that one, and what makes them a group.
    pub why: String,
    /// Every file, the kept one first.
    pub members: Vec<DuplicateMember>,
}

/// Up to so many photos all points and scene vectors are held in memory (8 KB a photo) and crops are searched for.
/// Larger libraries are grouped by hash, and thumbnails are read only of the pairs to confirm (INV-8).
const IN_MEMORY: usize = 30_000;

/// Pairs whose thumbnails are read and confirmed at once.
const PAIRS_AT_ONCE: usize = 2_000;

/// What grouping needs to know of one photo.
struct Candidate {
    id: PhotoId,
    subject: (PixelHash, Orientation),
    paths: Vec<String>,
    copy: Copy,
    /// A film is like another file by its bytes only: one frame says little of the rest, and the still of a live photo
    /// is no copy of its film.
    is_film: bool,
    taken_ms: Option<i64>,
    hash: Option<PerceptualHash>,
    keypoints: Option<Keypoints>,
    scene: Vec<f32>,
}

/// Groups the scope again unless nothing changed since the last time. `None` when asked to stop.
pub(crate) fn refresh(
    store: &Store,
    scope: &Scope,
    _params: &Params,
    control: &Control,
) -> Result<Option<()>> {
    let stamp = stamp(store)?;
    let key = scope.key();
    let fresh = |tier: &Tier| {
        Ok::<_, crate::Error>(store.view_stamp(tier.view(), &key)?.as_deref() == Some(stamp.as_str()))
    };
    if Tier::ALL.iter().map(fresh).collect::<Result<Vec<_>>>()?.into_iter().all(|fresh| fresh) {
        return Ok(Some(()));
    }
    let candidates = gather(store, scope)?;
    if control.requested().is_some() {
        return Ok(None);
    }
    let mut groups = group(store, &candidates)?;
    leave_out_kept(store, &candidates, &mut groups)?;
    for tier in Tier::ALL {
        let rows: Vec<Json> = groups
            .iter()
            .filter(|group| group.tier == tier)
            .map(|group| serde_json::to_value(group).unwrap_or(Json::Null))
            .collect();
        store.put_view(tier.view(), &key, &stamp, &rows)?;
    }
    Ok(Some(()))
}

/// The decision that the photos in these files stay side by side.
pub(crate) fn keep_together(store: &Store, files: &[PathText]) -> Result<Choice> {
    let mut pictures = Vec::new();
    for path in files {
        if let Some((_, Some(photo))) = store.file_at(&path.to_path())?
            && let Some(photo) = store.photo(photo)?
        {
            pictures.push(photo.pixel_hash);
        }
    }
    pictures.sort_unstable();
    pictures.dedup();
    Ok(Choice::KeptTogether { pictures, paths: files.to_vec() })
}

/// Leaves out groups of which people said that all of them stay: those within the pictures (or, where there is one
/// picture, the files) that they looked at. A group with a further member is shown again.
fn leave_out_kept(store: &Store, candidates: &[Candidate], groups: &mut Vec<DuplicateGroup>) -> Result<()> {
    let kept = store.kept_together()?;
    if kept.is_empty() {
        return Ok(());
    }
    let pixels: HashMap<PhotoId, PixelHash> =
        candidates.iter().map(|candidate| (candidate.id, candidate.subject.0)).collect();
    groups.retain(|group| {
        !kept.iter().any(|(pictures, paths)| {
            group.members.iter().all(|member| {
                let same_picture =
                    pixels.get(&member.photo).is_some_and(|hash| pictures.binary_search(hash).is_ok());
                let same_file = || paths.iter().any(|path| path.as_bytes() == member.path.as_bytes());
                same_picture && (pictures.len() > 1 || same_file())
            })
        })
    });
    Ok(())
}

/// One page of stored groups.
pub(crate) fn page(
    store: &Store,
    scope: &Scope,
    tier: Option<Tier>,
    offset: usize,
    limit: usize,
) -> Result<DuplicatePage> {
    let key = scope.key();
    let (mut items, mut total, mut counts) = (Vec::new(), 0, [0; 3]);
    let mut skip = offset;
    for (at, one) in Tier::ALL.into_iter().enumerate() {
        let wanted = tier.is_none_or(|tier| tier == one);
        let room = if wanted { limit - items.len().min(limit) } else { 0 };
        let (rows, count) = store.view_rows(one.view(), &key, skip as u64, room)?;
        counts[at] = count;
        if wanted {
            items.extend(
                rows.into_iter().filter_map(|row| serde_json::from_value::<DuplicateGroup>(row).ok()),
            );
            total += count;
            skip = skip.saturating_sub(count as usize);
        }
    }
    let stale = store.view_stamp(Tier::Bytes.view(), &key)? != Some(stamp(store)?);
    let [bytes, picture, moment] = counts;
    Ok(DuplicatePage { items, total, bytes, picture, moment, stale })
}

fn stamp(store: &Store) -> Result<String> {
    Ok(format!("{}@{}", store.generation()?, ROW.version))
}

fn gather(store: &Store, scope: &Scope) -> Result<Vec<Candidate>> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut by_id: HashMap<PhotoId, usize> = HashMap::new();
    store.report_rows(scope, |row| {
        let Some(photo) = row.photo else { return };
        let path = row.path.to_string_lossy().into_owned();
        let depth = row.path.components().count() as u32;
        let at = *by_id.entry(photo.id).or_insert_with(|| {
            let taken = photo.metadata.taken_at.as_ref().filter(|taken| is_capture_time(&taken.source));
            candidates.push(Candidate {
                id: photo.id,
                subject: (photo.pixel_hash, photo.metadata.orientation),
                paths: Vec::new(),
                copy: Copy {
                    width: photo.width,
                    height: photo.height,
                    bytes: row.size,
                    lossless: matches!(photo.format.as_str(), "png" | "tiff" | "bmp"),
                    sharpness: photo.sharpness.unwrap_or(0.0),
                    has_metadata: photo.metadata.model.is_some(),
                    has_date: taken.is_some(),
                    path_depth: depth,
                },
                is_film: photo.metadata.media == MediaKind::Video,
                taken_ms: taken.and_then(crate::dates::local_ms),
                hash: None,
                keypoints: None,
                scene: Vec::new(),
            });
            candidates.len() - 1
        });
        candidates[at].copy.path_depth = candidates[at].copy.path_depth.min(depth);
        candidates[at].paths.push(path);
    })?;
    let keys = [perceptual_hash::key(), extract_keypoints::key(), grid_key()];
    let wanted = if candidates.len() > IN_MEMORY { &keys[..1] } else { &keys[..] };
    store.scan_features(scope, wanted, |row| {
        let Some(&at) = by_id.get(&row.photo) else { return };
        let candidate = &mut candidates[at];
        if candidate.is_film {
            return;
        }
        for (kind, value) in row.values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            match kind {
                0 => candidate.hash = perceptual_hash::read(&value),
                1 => candidate.keypoints = extract_keypoints::read(&value),
                _ => candidate.scene = value.as_vector().map(<[f32]>::to_vec).unwrap_or_default(),
            }
        }
    })?;
    for candidate in &mut candidates {
        candidate.paths.sort_by_key(|path| (path.matches('/').count(), path.len(), path.clone()));
    }
    Ok(candidates)
}

fn group(store: &Store, candidates: &[Candidate]) -> Result<Vec<DuplicateGroup>> {
    let mut groups: Vec<DuplicateGroup> =
        candidates.iter().filter(|candidate| candidate.paths.len() > 1).map(same_bytes).collect();
    let looked_at: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.hash.is_some()).collect();
    let nothing = keypoints::extract(&GrayImage::black(1, 1));
    let items: Vec<Item<'_>> = looked_at
        .iter()
        .filter_map(|candidate| {
            Some(Item {
                hash: candidate.hash?,
                keypoints: candidate.keypoints.as_ref().unwrap_or(&nothing),
                taken_ms: candidate.taken_ms,
                scene: &candidate.scene,
            })
        })
        .collect();
    let pairs = if candidates.len() > IN_MEMORY {
        pairs_by_hash(store, &looked_at, &items)?
    } else {
        duplicates::picture_pairs(&items)
    };
    let mut picture_of = vec![usize::MAX; items.len()];
    for (number, members) in duplicates::groups_of_pairs(items.len(), &pairs).into_iter().enumerate() {
        for &member in &members {
            picture_of[member as usize] = number;
        }
        let evidence = describe_evidence(&members, &pairs);
        groups.extend(make_group(Tier::Picture, &members, &looked_at, &evidence));
    }
    for moment in duplicates::moment_groups(&items) {
        let first = picture_of[moment.members[0] as usize];
        let one_picture =
            first != usize::MAX && moment.members.iter().all(|&member| picture_of[member as usize] == first);
        if !one_picture {
            let evidence = match moment.reason {
                MomentReason::Burst { span_ms } => format!("taken within {:.1} s", span_ms as f64 / 1000.0),
                MomentReason::Similar { distance } => {
                    format!("look alike (hashes differ in {distance} of 64 bits)")
                }
            };
            groups.extend(make_group(Tier::Moment, &moment.members, &looked_at, &evidence));
        }
    }
    groups.sort_by(|a, b| b.members.len().cmp(&a.members.len()).then_with(|| a.keep_path.cmp(&b.keep_path)));
    Ok(groups)
}

/// Same pictures of a library too large to hold its points: candidates by hash, confirmed block by block.
fn pairs_by_hash(store: &Store, photos: &[&Candidate], items: &[Item<'_>]) -> Result<Vec<PicturePair>> {
    let hashes: Vec<PerceptualHash> = items.iter().map(|item| item.hash).collect();
    let key = [extract_keypoints::key()];
    let mut pairs = Vec::new();
    for block in duplicates::hash_candidates(&hashes).chunks(PAIRS_AT_ONCE) {
        let mut members: Vec<u32> = block.iter().flat_map(|(a, b)| [*a, *b]).collect();
        members.sort_unstable();
        members.dedup();
        let subjects: Vec<_> = members.iter().map(|&at| photos[at as usize].subject).collect();
        let points: Vec<Option<Keypoints>> = store
            .get_features(&subjects, &key)?
            .into_iter()
            .map(|values| values.into_iter().next().flatten().as_ref().and_then(extract_keypoints::read))
            .collect();
        let item = |at: u32| {
            let found = members.binary_search(&at).ok().and_then(|place| points[place].as_ref())?;
            Some(Item { keypoints: found, ..items[at as usize] })
        };
        for &(a, b) in block {
            if let (Some(one), Some(other)) = (item(a), item(b))
                && let Some(evidence) = duplicates::confirm_by_hash(&one, &other)
            {
                pairs.push(PicturePair { a, b, evidence });
            }
        }
    }
    Ok(pairs)
}

fn same_bytes(candidate: &Candidate) -> DuplicateGroup {
    let members =
        candidate.paths.iter().map(|path| DuplicateMember { photo: candidate.id, path: path.clone() });
    DuplicateGroup {
        id: format!("bytes-{}", candidate.id),
        tier: Tier::Bytes,
        keep: candidate.id,
        keep_path: candidate.paths[0].clone(),
        why: format!("the shortest path; {} files are equal byte for byte", candidate.paths.len()),
        members: members.collect(),
    }
}

fn make_group(
    tier: Tier,
    members: &[u32],
    candidates: &[&Candidate],
    evidence: &str,
) -> Option<DuplicateGroup> {
    let members: Vec<&Candidate> = members.iter().map(|&at| candidates[at as usize]).collect();
    let copies: Vec<Copy> = members.iter().map(|member| member.copy).collect();
    let (best, reason) =
        if tier == Tier::Moment { sharpest(&copies)? } else { duplicates::keep_best(&copies)? };
    let kept = members[best];
    let mut files: Vec<DuplicateMember> =
        kept.paths.iter().map(|path| DuplicateMember { photo: kept.id, path: path.clone() }).collect();
    for (at, member) in members.iter().enumerate() {
        if at != best {
            files.extend(
                member.paths.iter().map(|path| DuplicateMember { photo: member.id, path: path.clone() }),
            );
        }
    }
    let name = if tier == Tier::Moment { "moment" } else { "picture" };
    Some(DuplicateGroup {
        id: format!("{name}-{}", kept.id),
        tier,
        keep: kept.id,
        keep_path: kept.paths[0].clone(),
        why: format!("{}; {evidence}", describe_reason(reason, &kept.copy)),
        members: files,
    })
}

/// Whether a date's source says when the shutter opened. Dates of editing or of the file differ between copies.
fn is_capture_time(source: &str) -> bool {
    matches!(
        source,
        "Exif.DateTimeOriginal"
            | "XMP.exif:DateTimeOriginal"
            | "Exif.CreateDate"
            | "QuickTime.CreationDate"
            | crate::edit_dates::SET_BY_HAND
    )
}

/// Of several pictures of a moment the sharpest is proposed, whatever its size.
fn sharpest(copies: &[Copy]) -> Option<(usize, KeepReason)> {
    let best = copies.iter().enumerate().max_by(|(_, a), (_, b)| a.sharpness.total_cmp(&b.sharpness))?;
    Some((best.0, KeepReason::Sharper))
}

fn describe_reason(reason: KeepReason, copy: &Copy) -> String {
    match reason {
        KeepReason::OnlyOne => "the only one".into(),
        KeepReason::MorePixels => format!("the most pixels ({} × {})", copy.width, copy.height),
        KeepReason::Sharper => format!("the sharpest ({:.0} %)", copy.sharpness * 100.0),
        KeepReason::Metadata => "it still has its date and camera".into(),
        KeepReason::Lossless => "stored without loss".into(),
        KeepReason::LargerFile => "the least compressed".into(),
        KeepReason::ShorterPath => "the shortest path".into(),
        KeepReason::First => "the first of equals".into(),
    }
}

/// What ties the group together, each kind of evidence once: the loosest hash, the weakest alignment.
fn describe_evidence(members: &[u32], pairs: &[PicturePair]) -> String {
    let (mut identical, mut turned, mut mirrored) = (false, false, false);
    let (mut distance, mut points) = (None::<u32>, None::<u32>);
    for pair in pairs.iter().filter(|pair| members.binary_search(&pair.a).is_ok()) {
        match pair.evidence {
            PictureEvidence::Identical => identical = true,
            PictureEvidence::Hash { distance: bits, symmetry, .. } => {
                distance = Some(distance.map_or(bits, |most| most.max(bits)));
                turned |= symmetry != 0;
            }
            PictureEvidence::Geometry { inliers, mirrored: is_mirrored, .. } => {
                points = Some(points.map_or(inliers, |fewest| fewest.min(inliers)));
                mirrored |= is_mirrored;
            }
        }
    }
    let mut words = Vec::new();
    if identical {
        words.push("the same pixels".to_owned());
    }
    if let Some(bits) = distance {
        words.push(match bits {
            0 => "equal hashes".to_owned(),
            bits => format!("hashes differ in {bits} of 64 bits"),
        });
    }
    if let Some(points) = points {
        words.push(format!("{points} points of one lie on the other"));
    }
    if turned || mirrored {
        words.push("once turned or mirrored".to_owned());
    }
    words.join("; ")
}

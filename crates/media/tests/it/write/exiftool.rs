//! Exiftool as the independent judge: only the intended tags differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tintype_media::{Place, WriteOptions, write_metadata};

use super::{full_edit, rating, read, writable_photos};

/// Values by group and name; several of one name are a list.
type Tags = BTreeMap<String, Vec<Value>>;

fn is_installed() -> bool {
    if Command::new("exiftool").arg("-ver").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "exiftool is missing");
    eprintln!("SKIPPED: exiftool is not installed");
    false
}

/// Every tag of every file of a folder, by file name; binary values whole.
fn tags(folder: &Path) -> BTreeMap<String, Tags> {
    let output = Command::new("exiftool")
        .args(["-j", "-G1:4", "-a", "-u", "-n", "-b", "-q", "-q"])
        .arg(folder)
        .output()
        .unwrap();
    let files: Vec<BTreeMap<String, Value>> = serde_json::from_slice(&output.stdout).unwrap();
    let mut found = BTreeMap::new();
    for file in files {
        let path = file["SourceFile"].as_str().unwrap().to_owned();
        let mut tags = Tags::new();
        for (key, value) in file {
            // Copies are numbered across groups: a new tag in one renames those in others.
            let parts: Vec<&str> = key.split(':').filter(|part| !part.starts_with("Copy")).collect();
            tags.entry(parts.join(":")).or_default().push(value);
        }
        for values in tags.values_mut() {
            values.sort_by_key(Value::to_string);
        }
        found.insert(Path::new(&path).file_name().unwrap().to_string_lossy().into_owned(), tags);
    }
    found
}

/// Whether a tag may differ after an edit of everything.
fn is_intended(key: &str, before: &Tags) -> bool {
    let (group, name) = key.rsplit_once(':').unwrap_or(("", key));
    // A second block of records is group IPTC2.
    match group.trim_end_matches('2') {
        "" | "ExifTool" => true,
        "System" => matches!(
            name,
            "FileSize" | "FileModifyDate" | "FileAccessDate" | "FileInodeChangeDate" | "FileInodeNumber"
        ),
        "IFD0" => matches!(name, "Rating" | "RatingPercent" | "ModifyDate" | "XPTitle" | "XPKeywords"),
        "ExifIFD" => {
            name.starts_with("OffsetTime")
                || name.starts_with("SubSecTime")
                || matches!(name, "DateTimeOriginal" | "CreateDate")
                || name == "ExifVersion" && !before.keys().any(|key| key.starts_with("ExifIFD"))
        }
        "XMP-xmp" => matches!(name, "Rating" | "CreateDate" | "ModifyDate"),
        "XMP-exif" => matches!(name, "DateTimeOriginal" | "DateTimeDigitized"),
        "XMP-tiff" => name == "DateTime",
        "XMP-photoshop" => name == "DateCreated",
        "XMP-dc" => matches!(name, "Title" | "Subject"),
        "XMP-microsoft" => matches!(name, "RatingPercent" | "LastKeywordXMP"),
        "IPTC" => matches!(
            name,
            "ObjectName"
                | "Keywords"
                | "DateCreated"
                | "TimeCreated"
                | "DigitalCreationDate"
                | "DigitalCreationTime"
                | "CodedCharacterSet"
        ),
        // Records in a resource of a foreign signature.
        "Photoshop" => matches!(name, "IPTCDigest" | "Photoshop_Unknown_0x0404"),
        "File" => name == "CurrentIPTCDigest" || name == "ExifByteOrder" && !before.contains_key(key),
        "Composite" => {
            name.starts_with("SubSec") || name.starts_with("DateTime") || name.starts_with("Digital")
        }
        _ => false,
    }
}

/// Whether a tag says where something lies in the file, counted from the file's beginning.
fn is_place(key: &str) -> bool {
    ["Offset", "Start", "Offsets"].iter().any(|end| key.ends_with(end))
}

/// The differences that nobody asked for.
fn unintended(name: &str, before: &Tags, after: &Tags) -> Vec<String> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let moves = !name.ends_with("tif") && !name.ends_with("tiff") && !name.ends_with("dng");
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .filter(|key| !(is_intended(key, before) || moves && is_place(key)))
        // The length of the first picture of several, in which the metadata lies.
        .filter(|key| !key.ends_with("MPImage1:MPImageLength"))
        .filter(|key| !(key.starts_with("RIFF:") && key.ends_with("WebP_Flags")))
        .map(|key| {
            let short = |values: Option<&Vec<Value>>| -> String {
                values.map_or("absent".to_owned(), |values| format!("{values:?}").chars().take(90).collect())
            };
            format!("{name}: {key}: {} → {}", short(before.get(key)), short(after.get(key)))
        })
        .collect()
}

fn warnings(tags: &Tags) -> usize {
    tags.get("ExifTool:Warning").map_or(0, Vec::len)
}

#[test]
fn only_the_intended_tags_differ() {
    if !is_installed() {
        return;
    }
    let Some(photos) = writable_photos() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (i, (name, bytes)) in photos.iter().enumerate() {
        let name = Path::new(name).file_name().unwrap().to_string_lossy().to_lowercase();
        fs_err::write(folder.path().join(format!("{i:03}-{name}")), bytes).unwrap();
    }
    let before = tags(folder.path());
    let (mut inside, mut beside) = (BTreeSet::new(), Vec::new());
    for name in before.keys() {
        let path = folder.path().join(name);
        let old = read(&fs_err::read(&path).unwrap());
        // Twice, as people do: a rating first, then the rest.
        let first = write_metadata(&path, &rating(2), &WriteOptions::default()).unwrap();
        let written = write_metadata(&path, &full_edit(), &WriteOptions::default()).unwrap();
        let new = fs_err::read(&path).unwrap();
        assert_eq!(read(&new).pixel_hash, old.pixel_hash, "{name}");
        match written.place {
            Place::File => {
                assert_eq!(first.place, Place::File, "{name}");
                assert_eq!(written.inspected.content_hash, read(&new).content_hash, "{name}");
                assert_eq!(written.inspected.metadata, read(&new).metadata, "{name}");
                inside.insert(name.clone());
            }
            Place::Sidecar(path) => {
                beside.push(format!("{name}: {}", written.aside.unwrap()));
                fs_err::remove_file(path).unwrap();
            }
        }
    }
    let after = tags(folder.path());
    let (mut wrong, mut marked) = (Vec::new(), 0);
    for name in &inside {
        let (before, after) = (&before[name], &after[name]);
        wrong.extend(unintended(name, before, after));
        if warnings(after) > warnings(before) {
            wrong.push(format!("{name}: warns {:?}", after.get("ExifTool:Warning")));
        }
        for (key, expected) in [
            ("IFD0:Rating", Value::from(4)),
            ("IFD0:RatingPercent", Value::from(75)),
            ("XMP-xmp:Rating", Value::from(4)),
            ("ExifIFD:DateTimeOriginal", Value::from("2019:08:07 06:05:04")),
            ("ExifIFD:CreateDate", Value::from("2019:08:07 06:05:04")),
            ("IFD0:ModifyDate", Value::from("2019:08:07 06:05:04")),
            ("ExifIFD:OffsetTimeOriginal", Value::from("-02:30")),
            ("XMP-dc:Title", Value::from("Harbour <at> \"dusk\" & löwe")),
            ("XMP-dc:Subject", Value::from(vec!["harbour", "Zürich", "a & b"])),
        ] {
            let found = after.get(key);
            if !found.is_some_and(|found| found.contains(&expected)) && !name.ends_with("heic") {
                wrong.push(format!("{name}: {key} is {found:?}"));
            }
        }
        // Where the file's own text is not marked as UTF-8, exiftool reads ours as Latin-1 like the rest.
        if after.contains_key("IPTC:CodedCharacterSet") {
            let expected = Value::from(vec!["harbour", "Zürich", "a & b"]);
            let found = after.get("IPTC:Keywords");
            if !found.is_some_and(|found| found.contains(&expected)) {
                wrong.push(format!("{name}: IPTC:Keywords is {found:?}"));
            }
            marked += 1;
        }
    }
    for line in beside.iter().chain(&wrong) {
        eprintln!("{line}");
    }
    eprintln!("{} files changed, {} got a side file", inside.len(), beside.len());
    assert!(wrong.is_empty(), "{} unintended changes", wrong.len());
    assert!(marked > 5, "only {marked} files have IPTC");
    assert!(inside.len() >= 100, "only {} of {} files were written into", inside.len(), before.len());
}

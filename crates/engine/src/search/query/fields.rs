//! The one table of fields: parsing, printing, suggestions, documentation and tests read it.

/// What a field's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Words.
    Text,
    /// A number or a range of numbers, within these limits.
    Number,
    /// A year, month, day, or a range of them.
    Date,
    /// An album's name.
    Album,
    /// Words, or coordinates with a distance.
    Place,
    /// One of these words.
    Choice(&'static [(&'static str, &'static str)]),
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name before the colon.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What its value is.
    pub value: ValueKind,
    /// A value that shows how it is used.
    pub example: &'static str,
    /// One line.
    pub help: &'static str,
}

/// Values of `has:`.
pub const HAS: &[(&str, &str)] = &[
    ("gps", "where it was taken is known"),
    ("date", "when it was taken is known"),
    ("faces", "faces were found or marked"),
    ("people", "somebody in it has a name"),
    ("text", "there is text in the picture"),
    ("bib", "there is a race number in it"),
    ("rating", "it has stars, or is rejected by them"),
    ("keywords", "people or files gave it keywords"),
    ("tags", "a model said what it shows"),
    ("objects", "a model found objects in it"),
    ("title", "it has a title or description"),
    ("caption", "there is a sentence about it"),
    ("album", "it was put into an album"),
    ("camera", "the camera is known"),
    ("lens", "the lens is known"),
    ("issues", "something went wrong with its file"),
];

/// Values of `is:`.
pub const IS: &[(&str, &str)] = &[
    ("favorite", "five stars"),
    ("rated", "one star or more"),
    ("unrated", "no star"),
    ("blurry", "blurred"),
    ("sharp", "judged and not blurred"),
    ("picked", "flagged as a keeper"),
    ("rejected", "flagged to be left out"),
    ("unflagged", "neither picked nor rejected"),
    ("photo", "a still picture"),
    ("video", "a film"),
    ("landscape", "wider than high"),
    ("portrait", "higher than wide"),
    ("square", "as wide as high"),
];

/// Values of `flag:`.
const FLAG: &[(&str, &str)] =
    &[("pick", "a keeper"), ("reject", "to be left out"), ("none", "neither of them")];

/// Values of `type:`; the formats as the library names them, and three groups of them.
const TYPE: &[(&str, &str)] = &[
    ("photo", "still pictures"),
    ("video", "films"),
    ("raw", "raw files of cameras"),
    ("jpeg", "JPEG"),
    ("png", "PNG"),
    ("webp", "WebP"),
    ("gif", "GIF"),
    ("tiff", "TIFF"),
    ("bmp", "BMP"),
    ("heic", "HEIC"),
    ("avif", "AVIF"),
    ("jxl", "JPEG XL"),
    ("jp2", "JPEG 2000"),
    ("psd", "Photoshop"),
    ("mp4", "MP4"),
    ("mov", "QuickTime"),
];

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    value: ValueKind,
    example: &'static str,
    help: &'static str,
) -> FieldRow {
    FieldRow { name, aliases, value, example, help }
}

/// Every field.
pub const FIELDS: &[FieldRow] = &[
    row(
        "tag",
        &["tags", "keyword"],
        ValueKind::Text,
        "tag:bicycle",
        "what it shows, said by people or a model",
    ),
    row("object", &["objects"], ValueKind::Text, "object:dog", "things a model found in it"),
    row("text", &["ocr"], ValueKind::Text, "text:\"exit 24\"", "text in the picture"),
    row("caption", &[], ValueKind::Text, "caption:sunset", "the sentence about it"),
    row("title", &["description"], ValueKind::Text, "title:wedding", "title and description"),
    row("person", &["people", "who"], ValueKind::Text, "person:anna", "who is in it"),
    row("bib", &["number"], ValueKind::Text, "bib:353", "race numbers"),
    row("album", &[], ValueKind::Album, "album:\"summer trip\"", "in an album whose name holds these words"),
    row(
        "place",
        &["near"],
        ValueKind::Place,
        "place:47.37,8.54,5km",
        "names of places, or a point and a distance",
    ),
    row("name", &["file", "filename"], ValueKind::Text, "name:IMG_03*", "the file's name"),
    row("path", &["folder", "in"], ValueKind::Text, "path:2024/trip", "the file's folder or name"),
    row("camera", &["make", "model"], ValueKind::Text, "camera:x100", "maker and model"),
    row("lens", &[], ValueKind::Text, "lens:50mm", "the lens"),
    row("date", &["taken", "when"], ValueKind::Date, "date:2024-06..2024-08", "when it was taken"),
    row("rating", &["stars"], ValueKind::Number, "rating:>=4", "stars, -1 to 5"),
    row("iso", &[], ValueKind::Number, "iso:<800", "sensitivity"),
    row("aperture", &["f"], ValueKind::Number, "aperture:<=2.8", "the f-number"),
    row("focal", &["mm"], ValueKind::Number, "focal:35..85", "focal length in mm"),
    row("sharpness", &[], ValueKind::Number, "sharpness:>0.4", "sharpness, 0 to 1"),
    row("quality", &[], ValueKind::Number, "quality:>=0.6", "technical quality, 0 to 1"),
    row("aesthetic", &["aesthetics"], ValueKind::Number, "aesthetic:>6", "how well it is liked, 1 to 10"),
    row("faces", &[], ValueKind::Number, "faces:2..", "how many faces"),
    row("width", &[], ValueKind::Number, "width:>=4000", "pixels"),
    row("height", &[], ValueKind::Number, "height:>=3000", "pixels"),
    row(
        "megabytes",
        &["mb", "size"],
        ValueKind::Number,
        "megabytes:>20",
        "size of its file in millions of bytes",
    ),
    row("type", &["format", "media"], ValueKind::Choice(TYPE), "type:raw", "kind of file"),
    row("flag", &[], ValueKind::Choice(FLAG), "flag:pick", "picked, rejected or neither"),
    row("has", &["with"], ValueKind::Choice(HAS), "has:gps", "what is known of it"),
    row("is", &[], ValueKind::Choice(IS), "is:favorite", "what it is"),
];

/// The row of a field, by name or alias in any case.
pub(in crate::search) fn find(name: &str) -> Option<&'static FieldRow> {
    let is_named = |known: &str| known.eq_ignore_ascii_case(name);
    FIELDS.iter().find(|row| is_named(row.name) || row.aliases.iter().any(|alias| is_named(alias)))
}

/// One of a field's own words, in any case, alone or in the plural.
pub(super) fn choice(known: &'static [(&'static str, &'static str)], text: &str) -> Option<&'static str> {
    let other = match text.to_ascii_lowercase().as_str() {
        "jpg" => "jpeg",
        "tif" => "tiff",
        "film" | "films" | "movie" | "movies" | "videos" => "video",
        "photos" | "picture" | "image" => "photo",
        "pick" | "picks" if !known.iter().any(|(word, _)| *word == "pick") => "picked",
        "picked" if !known.iter().any(|(word, _)| *word == "picked") => "pick",
        "rejected" if !known.iter().any(|(word, _)| *word == "rejected") => "reject",
        "favourite" | "fav" | "starred" => "favorite",
        "blurred" => "blurry",
        "location" | "place" | "geo" => "gps",
        "face" => "faces",
        "person" | "names" => "people",
        "bibs" => "bib",
        "tag" => "tags",
        "keyword" => "keywords",
        "object" => "objects",
        "stars" => "rating",
        "issue" | "errors" => "issues",
        "albums" => "album",
        _ => text,
    };
    known.iter().map(|(word, _)| *word).find(|word| word.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> =
            FIELDS.iter().flat_map(|row| row.aliases.iter().copied().chain([row.name])).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn choices_are_found_as_people_write_them() {
        assert_eq!(choice(HAS, "GPS"), Some("gps"));
        assert_eq!(choice(IS, "favourite"), Some("favorite"));
        assert_eq!((choice(IS, "pick"), choice(FLAG, "picked")), (Some("picked"), Some("pick")));
        assert_eq!((choice(TYPE, "JPG"), choice(TYPE, "doc")), (Some("jpeg"), None));
    }
}

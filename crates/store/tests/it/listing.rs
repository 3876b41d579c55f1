//! Lists, pages, filters, timeline, facets and the report, against a naive twin.

use std::cmp::Ordering;

use tintype_core::{ErrorCode, Gps, Issue, MediaKind, Stage};
use tintype_store::{
    AlbumSource, Granularity, NewAlbum, PhotoFilter, PhotoQuery, PhotoSort, PhotoSummary, Scope,
};

use crate::fixture::{Fixture, news, on_both, outcome, record, stat, taken};

on_both!(
    pages_equal_the_naive_order,
    filters_equal_the_naive_choice,
    timeline_and_facets,
    one_photo_in_full,
    reports_are_ordered_by_path
);

/// Whether a photo should come through a filter.
type Keep<'a> = &'a dyn Fn(&PhotoSummary) -> bool;

const COUNT: u32 = 57;

/// A small library with ties and gaps in every column that can be sorted by.
fn fill(f: &Fixture) {
    let paths: Vec<String> = (0..COUNT)
        .map(|n| format!("{}/{}_{}.jpg", n % 3, ["a", "B", "ü", "_%"][n as usize % 4], n / 2))
        .collect();
    let files = f.add(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut outcomes, mut updates) = (Vec::new(), Vec::new());
    for (n, (file, path)) in (0..COUNT).zip(files.iter().zip(&paths)) {
        let mut content = record(n, n);
        if n % 5 != 0 {
            content = taken(content, &format!("{}-{:02}-11T10:00:0{}", 1968 + n % 4, 1 + n % 12, n % 3));
        }
        content.metadata.rating = (n % 4 != 0).then_some((n % 6) as i8);
        content.metadata.model = (n % 7 != 0).then(|| format!("M{}", n % 3));
        content.metadata.make = (n % 2 == 0).then(|| "Maker".to_owned());
        content.metadata.gps = (n % 3 == 0).then_some(Gps { latitude: 1.0, longitude: 2.0, altitude: None });
        content.metadata.media = if n % 11 == 0 { MediaKind::Video } else { MediaKind::Photo };
        content.format = if n % 2 == 0 { "jpeg" } else { "png" }.to_owned();
        let mut seen = stat(path);
        seen.size = u64::from(n / 10);
        let mut outcome = outcome(*file, seen, Some(content));
        if n % 10 == 3 {
            outcome.issues = vec![Issue::new(Stage::Metadata, ErrorCode::MetadataDamaged, "x"); 2];
        }
        outcomes.push(outcome);
        if n % 4 != 1 {
            let mut update = news(n);
            (update.sharpness, update.quality) =
                (Some(f64::from(n % 9) / 10.0), Some(f64::from(n % 4) - 1.5));
            update.is_blurry = Some(n % 9 < 3);
            updates.push(update);
        }
    }
    f.commit(outcomes, vec![], updates);
}

fn all(f: &Fixture, query: PhotoQuery) -> Vec<PhotoSummary> {
    let mut query = query;
    let mut photos = Vec::new();
    loop {
        let page = f.store.list_photos(&query).unwrap();
        assert!(page.items.len() <= query.limit);
        photos.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return photos;
        }
    }
}

fn compare(a: &PhotoSummary, b: &PhotoSummary, sort: PhotoSort, descending: bool) -> Ordering {
    fn nulls_last<T: PartialOrd>(a: Option<T>, b: Option<T>, descending: bool) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if descending => b.partial_cmp(&a).unwrap(),
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap(),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
    match sort {
        PhotoSort::TakenAt => nulls_last(a.taken_ms, b.taken_ms, descending),
        PhotoSort::AddedAt => nulls_last(Some(a.added_ms), Some(b.added_ms), descending),
        PhotoSort::Sharpness => nulls_last(a.sharpness, b.sharpness, descending),
        PhotoSort::Quality => nulls_last(a.quality, b.quality, descending),
        PhotoSort::Name => nulls_last(Some(&a.name), Some(&b.name), descending),
        PhotoSort::Size => nulls_last(Some(a.bytes), Some(b.bytes), descending),
    }
}

fn pages_equal_the_naive_order(f: &Fixture) {
    fill(f);
    let sorts = [
        PhotoSort::TakenAt,
        PhotoSort::AddedAt,
        PhotoSort::Sharpness,
        PhotoSort::Quality,
        PhotoSort::Name,
        PhotoSort::Size,
    ];
    for sort in sorts {
        for descending in [false, true] {
            let query = |limit| PhotoQuery { sort, descending, limit, ..PhotoQuery::default() };
            let whole = all(f, query(1000));
            assert_eq!(whole.len(), COUNT as usize);
            assert!(
                whole.is_sorted_by(|a, b| compare(a, b, sort, descending).is_le()),
                "{sort:?} {descending}"
            );
            for limit in [1, 7, COUNT as usize] {
                assert_eq!(all(f, query(limit)), whole, "{sort:?} {descending} {limit}");
            }
        }
    }
    let foreign = PhotoQuery { cursor: Some("taken_ms.ASC.1.n".to_owned()), ..PhotoQuery::default() };
    assert_eq!(f.store.list_photos(&foreign).unwrap_err().code(), ErrorCode::ValidationError);
}

fn filters_equal_the_naive_choice(f: &Fixture) {
    fill(f);
    let whole = all(f, PhotoQuery::default());
    let blank = PhotoFilter::default;
    let from = whole.iter().filter_map(|photo| photo.taken_ms).nth(20).unwrap();
    let since = |p: &PhotoSummary| p.taken_ms.is_some_and(|t| t >= from);
    let until = |p: &PhotoSummary| p.taken_ms.is_some_and(|t| t < from);
    let rows: Vec<(PhotoFilter, Keep<'_>)> = vec![
        (blank(), &|_| true),
        (PhotoFilter { media: Some(MediaKind::Video), ..blank() }, &|p| p.media == MediaKind::Video),
        (PhotoFilter { camera: Some("M1".to_owned()), ..blank() }, &|p| {
            p.camera.as_deref().is_some_and(|c| c.ends_with("M1"))
        }),
        (PhotoFilter { camera: Some("Maker M1".to_owned()), ..blank() }, &|p| {
            p.camera.as_deref() == Some("Maker M1")
        }),
        (PhotoFilter { taken_from: Some(from), ..blank() }, &since),
        (PhotoFilter { taken_to: Some(from), ..blank() }, &until),
        (PhotoFilter { sharpness_min: Some(0.3), sharpness_max: Some(0.5), ..blank() }, &|p| {
            p.sharpness.is_some_and(|s| (0.3..=0.5).contains(&s))
        }),
        (PhotoFilter { quality_min: Some(0.5), ..blank() }, &|p| p.quality.is_some_and(|q| q >= 0.5)),
        (PhotoFilter { quality_max: Some(0.0), ..blank() }, &|p| p.quality.is_some_and(|q| q <= 0.0)),
        (PhotoFilter { is_blurry: Some(true), ..blank() }, &|p| p.is_blurry == Some(true)),
        (PhotoFilter { is_blurry: Some(false), ..blank() }, &|p| p.is_blurry == Some(false)),
        (PhotoFilter { rating_min: Some(0), ..blank() }, &|_| true),
        (PhotoFilter { rating_min: Some(3), ..blank() }, &|p| p.rating >= Some(3)),
        (PhotoFilter { has_issues: Some(true), ..blank() }, &|p| p.issues == 2),
        (PhotoFilter { has_issues: Some(false), ..blank() }, &|p| p.issues == 0),
        (PhotoFilter { name_contains: Some("b_".to_owned()), ..blank() }, &|p| p.name.starts_with("B_")),
        (PhotoFilter { name_contains: Some("_%".to_owned()), ..blank() }, &|p| p.name.starts_with("_%")),
        (PhotoFilter { format: Some("png".to_owned()), ..blank() }, &|p| p.format == "png"),
    ];
    for (filter, keep) in rows {
        let expected: Vec<_> = whole.iter().filter(|photo| keep(photo)).cloned().collect();
        assert!(!expected.is_empty(), "{filter:?}");
        let query = PhotoQuery { filter: filter.clone(), limit: 5, ..PhotoQuery::default() };
        assert_eq!(f.store.count_photos(&query).unwrap(), expected.len() as u64, "{filter:?}");
        assert_eq!(all(f, query), expected, "{filter:?}");
        let text = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<PhotoFilter>(&text).unwrap(), filter);
    }
    let with_place =
        PhotoQuery { filter: PhotoFilter { has_gps: Some(true), ..blank() }, ..PhotoQuery::default() };
    assert_eq!(f.store.count_photos(&with_place).unwrap(), u64::from(COUNT.div_ceil(3)));
    assert!(serde_json::from_str::<PhotoFilter>(r#"{"colour": 1}"#).is_err());

    let filter = PhotoFilter { format: Some("png".to_owned()), ..blank() };
    let source = AlbumSource::Search { filter: filter.clone() };
    let album = f.store.create_album(&NewAlbum { name: "PNG".to_owned(), source }).unwrap();
    f.store.ensure_root(std::path::Path::new("/other")).unwrap();
    for (scope, keep) in [
        (Scope::Album(album.id), &(|p: &PhotoSummary| p.format == "png") as &dyn Fn(&PhotoSummary) -> bool),
        (Scope::Folder { root: f.root(), rel: Vec::new() }, &|_| true),
        (Scope::Folder { root: f.root(), rel: b"9".to_vec() }, &|_| false),
    ] {
        let expected: Vec<_> = whole.iter().filter(|photo| keep(photo)).cloned().collect();
        assert_eq!(all(f, PhotoQuery { scope, limit: 10, ..PhotoQuery::default() }), expected);
    }
    let scope = Scope::Folder { root: f.root(), rel: b"1".to_vec() };
    assert_eq!(all(f, PhotoQuery { scope, ..PhotoQuery::default() }).len(), COUNT as usize / 3);
}

fn timeline_and_facets(f: &Fixture) {
    fill(f);
    let whole = all(f, PhotoQuery::default());
    for (granularity, length) in [(Granularity::Month, 7), (Granularity::Day, 10)] {
        let buckets = f.store.timeline(&Scope::Library, &PhotoFilter::default(), granularity).unwrap();
        let (last, dated) = buckets.split_last().unwrap();
        assert!(last.key.is_empty() && dated.is_sorted_by(|a, b| a.key > b.key));
        assert_eq!(last.count, u64::from(COUNT.div_ceil(5)));
        for bucket in dated {
            let expected =
                whole.iter().filter(|p| p.taken_at.as_ref().is_some_and(|at| at[..length] == bucket.key));
            assert_eq!(bucket.count, expected.count() as u64, "{}", bucket.key);
        }
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), u64::from(COUNT));
    }
    let facets = f.store.facets(&Scope::Library).unwrap();
    assert_eq!(
        facets.years.iter().map(|(year, _)| year.as_str()).collect::<Vec<_>>(),
        ["1971", "1970", "1969", "1968"]
    );
    assert!(facets.cameras.is_sorted_by(|a, b| a.1 >= b.1));
    assert_eq!(facets.formats, [("jpeg".to_owned(), 29), ("png".to_owned(), 28)]);
}

fn one_photo_in_full(f: &Fixture) {
    let (file, photo) = f.photo("x/a.jpg", taken(record(1, 1), "2024-05-06T07:08:09"));
    f.photo("x/b.jpg", record(1, 1));
    let detail = f.store.photo(photo).unwrap().unwrap();
    assert_eq!(detail.files.len(), 2);
    assert_eq!(detail.files[0].path, std::path::Path::new("/photos/x/a.jpg"));
    assert_eq!((detail.files[0].id, detail.summary.files), (file, 2));
    let item = f.store.work_items(&[file]).unwrap().remove(0);
    assert_eq!((item.path.as_path(), item.settled), (std::path::Path::new("/photos/x/a.jpg"), true));
    assert_eq!(item.photo.unwrap().metadata, detail.metadata);
    assert!(f.store.photo(tintype_core::PhotoId(uuid::Uuid::nil())).unwrap().is_none());
}

fn reports_are_ordered_by_path(f: &Fixture) {
    fill(f);
    let mut paths = Vec::new();
    let mut issues = 0;
    f.store
        .report_rows(&Scope::Library, |row| {
            issues += row.issues.len();
            assert!(row.photo.is_some_and(|photo| photo.width == 4000) && row.settled);
            paths.push(row.path);
        })
        .unwrap();
    assert_eq!((paths.len(), issues), (COUNT as usize, 12));
    assert!(paths.is_sorted());
}

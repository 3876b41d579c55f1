//! Albums over the same photos.

use tintype_store::{AlbumSource, AlbumUpdate, NewAlbum, PhotoQuery, Scope};

use crate::fixture::{Fixture, on_both, record};

on_both!(albums_hold_folders_photos_and_searches);

fn albums_hold_folders_photos_and_searches(f: &Fixture) {
    let photos: Vec<_> = (0..6).map(|n| f.photo(&format!("{}/{n}.jpg", n % 2), record(n, n)).1).collect();
    let make =
        |name: &str, source| f.store.create_album(&NewAlbum { name: name.to_owned(), source }).unwrap();
    let folder = make("b", AlbumSource::Folder { root: f.root(), rel: b"1".to_vec() });
    let picked = make("a", AlbumSource::Photos { photos: photos[..2].to_vec() });
    assert_eq!((folder.photos, picked.photos), (3, 2));
    assert_eq!(
        f.store.albums().unwrap().iter().map(|album| album.name.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );

    let generation = f.store.generation().unwrap();
    let update =
        AlbumUpdate { name: Some("c".to_owned()), add: vec![photos[4], photos[1]], remove: vec![photos[0]] };
    let updated = f.store.update_album(picked.id, &update).unwrap();
    assert_eq!((updated.name.as_str(), updated.photos), ("c", 2));
    assert!(f.store.generation().unwrap() > generation);
    let query = PhotoQuery { scope: Scope::Album(picked.id), ..PhotoQuery::default() };
    let mut listed: Vec<_> =
        f.store.list_photos(&query).unwrap().items.iter().map(|photo| photo.id).collect();
    listed.sort_unstable();
    let mut expected = vec![photos[1], photos[4]];
    expected.sort_unstable();
    assert_eq!(listed, expected);
    assert!(
        f.store
            .update_album(folder.id, &AlbumUpdate { add: vec![photos[0]], ..AlbumUpdate::default() })
            .is_err()
    );
    assert_eq!(
        f.store.missing_features(&Scope::Album(picked.id), &[crate::fixture::key("n")], "").unwrap().len(),
        2
    );

    assert!(f.store.delete_album(picked.id).unwrap());
    assert!(!f.store.delete_album(picked.id).unwrap());
    assert!(f.store.album(picked.id).unwrap().is_none());
    assert!(f.store.list_photos(&query).is_err());
    assert_eq!(f.listed().len(), 6);
}

//! Writing to disks that fail, and beside programs that write too.

use std::path::{Path, PathBuf};

use tintype_core::{ContentHash, ErrorCode};
use tintype_media::{
    BatchEdit, Expected, MetadataEdit, Place, WriteOptions, is_leftover, write_batch, write_metadata,
    write_sidecar,
};

use super::{drawn_files, full_edit, rating, read};

struct Photo {
    _folder: tempfile::TempDir,
    path: PathBuf,
    bytes: Vec<u8>,
}

fn photo() -> Photo {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    let bytes = drawn_files().remove(0).1;
    fs_err::write(&path, &bytes).unwrap();
    Photo { path, bytes, _folder: folder }
}

/// Names in the folder of a file, sorted.
fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs_err::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn write(path: &Path, edit: &MetadataEdit) -> Result<tintype_media::Written, tintype_media::Error> {
    write_metadata(path, edit, &WriteOptions::default())
}

#[test]
fn the_answer_describes_the_file_as_it_is_now() {
    let photo = photo();
    let written = write(&photo.path, &full_edit()).unwrap();
    assert!(written.changed);
    assert_eq!(written.place, Place::File);
    let now = tintype_media::inspect(&photo.path, &tintype_media::Limits::default()).unwrap();
    let told = written.inspected;
    assert_eq!(
        (told.size, told.mtime_ns, told.inode, told.content_hash, told.pixel_hash),
        (now.size, now.mtime_ns, now.inode, now.content_hash, now.pixel_hash)
    );
    assert_eq!(told.metadata, now.metadata);
    let again = write(&photo.path, &full_edit()).unwrap();
    assert!(!again.changed);
    assert_eq!(again.inspected.mtime_ns, now.mtime_ns);
    assert_eq!(names(&photo.path), ["a.jpg"]);
}

#[test]
fn the_content_that_was_expected_is_checked() {
    let photo = photo();
    let with = |content| WriteOptions {
        expected: Some(Expected { content, vouched_by: None }),
        ..WriteOptions::default()
    };
    let error = write_metadata(&photo.path, &rating(1), &with(ContentHash([7; 32]))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::FileVanished);
    assert_eq!(fs_err::read(&photo.path).unwrap(), photo.bytes);
    let hash = read(&photo.bytes).content_hash;
    assert!(write_metadata(&photo.path, &rating(1), &with(hash)).unwrap().changed);
}

#[test]
fn size_and_time_vouch_for_the_content_only_while_both_are_the_same() {
    let photo = photo();
    let known = tintype_media::inspect(&photo.path, &tintype_media::Limits::default()).unwrap();
    let with = |content, size, mtime_ns| WriteOptions {
        expected: Some(Expected { content, vouched_by: Some((size, mtime_ns)) }),
        ..WriteOptions::default()
    };
    let other = ContentHash([7; 32]);
    for (size, mtime_ns) in [(known.size + 1, known.mtime_ns), (known.size, known.mtime_ns + 1)] {
        let error = write_metadata(&photo.path, &rating(1), &with(other, size, mtime_ns)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::FileVanished);
    }
    assert_eq!(fs_err::read(&photo.path).unwrap(), photo.bytes);
    // Its time says that it is what it was, so that its content is not asked.
    let vouched = with(other, known.size, known.mtime_ns);
    assert!(write_metadata(&photo.path, &rating(1), &vouched).unwrap().changed);
    // And a file that was only touched is asked, and is what it was.
    let now = tintype_media::inspect(&photo.path, &tintype_media::Limits::default()).unwrap();
    let touched = with(now.content_hash, now.size, now.mtime_ns - 1);
    assert!(write_metadata(&photo.path, &rating(2), &touched).unwrap().changed);
}

#[test]
fn a_missing_file_is_said_to_be_missing() {
    let photo = photo();
    let error = write(&photo.path.with_extension("png"), &rating(1)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::FileVanished);
}

#[test]
fn a_batch_does_what_single_writes_do_and_one_failure_keeps_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut edits = Vec::new();
    for i in 0..70 {
        let path = folder.path().join(format!("{i:02}.jpg"));
        fs_err::write(&path, drawn_files().remove(0).1).unwrap();
        edits.push((path, rating(i % 6)));
    }
    edits.push((folder.path().join("missing.jpg"), rating(1)));
    // The same file once more: the later edit counts.
    edits.push((folder.path().join("00.jpg"), full_edit()));
    let batch: Vec<_> = edits.iter().cloned().map(|(path, edit)| BatchEdit::new(path, edit)).collect();
    let outcomes = write_batch(&batch, &WriteOptions::default());
    assert_eq!(outcomes.len(), edits.len());
    for (i, ((path, edit), outcome)) in edits.iter().zip(outcomes).enumerate() {
        if i == 70 {
            assert_eq!(outcome.unwrap_err().code(), ErrorCode::FileVanished);
            continue;
        }
        let written = outcome.unwrap();
        assert!(written.changed);
        assert_eq!(written.inspected.metadata.rating, edit.rating.unwrap());
        let now = read(&fs_err::read(path).unwrap());
        if i > 0 {
            assert_eq!(now.content_hash, written.inspected.content_hash);
        }
    }
    assert_eq!(names(&edits[0].0).len(), 70);
    assert_eq!(read(&fs_err::read(&edits[0].0).unwrap()).metadata.title, full_edit().title.unwrap());
}

#[test]
fn leftovers_are_known_by_name() {
    assert!(is_leftover(".tintype-write-1f-18c-0.tmp".as_ref()));
    for name in ["a.jpg", ".hidden.tmp", "tintype-write-1.tmp"] {
        assert!(!is_leftover(name.as_ref()), "{name}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::process::Command;

    use super::*;

    fn chmod(path: &Path, mode: u32) {
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn permissions_and_attributes_survive_and_times_where_asked() {
        let photo = photo();
        chmod(&photo.path, 0o640);
        let named =
            rustix::fs::setxattr(&photo.path, "user.tintype.test", b"kept", rustix::fs::XattrFlags::empty());
        let before = fs_err::metadata(&photo.path).unwrap();
        let options = WriteOptions { keep_times: true, ..WriteOptions::default() };
        write_metadata(&photo.path, &rating(1), &options).unwrap();
        let after = fs_err::metadata(&photo.path).unwrap();
        assert_eq!(after.mode(), before.mode());
        assert_eq!((after.mtime(), after.mtime_nsec()), (before.mtime(), before.mtime_nsec()));
        assert_ne!(after.ino(), before.ino());
        if named.is_ok() {
            let mut value = [0; 16];
            let len = rustix::fs::getxattr(&photo.path, "user.tintype.test", &mut value[..]).unwrap();
            assert_eq!(&value[..len], b"kept");
        }
    }

    #[test]
    fn a_write_protected_file_is_refused() {
        let photo = photo();
        chmod(&photo.path, 0o444);
        let error = write(&photo.path, &rating(1)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::FileReadOnly);
        assert_eq!(fs_err::read(&photo.path).unwrap(), photo.bytes);
        assert_eq!(names(&photo.path), ["a.jpg"]);
    }

    #[test]
    fn links_and_files_of_several_names_get_a_side_file() {
        let photo = photo();
        let link = photo.path.with_file_name("link.jpg");
        std::os::unix::fs::symlink(&photo.path, &link).unwrap();
        let written = write(&link, &rating(1)).unwrap();
        assert_eq!(written.place, Place::Sidecar(link.with_file_name("link.jpg.xmp")));
        assert!(fs_err::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs_err::read(&photo.path).unwrap(), photo.bytes);
        fs_err::hard_link(&photo.path, photo.path.with_file_name("b.jpg")).unwrap();
        let written = write(&photo.path, &rating(1)).unwrap();
        assert_eq!(written.place, Place::Sidecar(photo.path.with_file_name("a.jpg.xmp")));
        assert_eq!(written.inspected.metadata.rating, Some(1));
        assert_eq!(fs_err::metadata(&photo.path).unwrap().nlink(), 2);
    }

    /// The part of [`a_folder_that_cannot_be_written_to_keeps_its_file`] that must not be root.
    #[test]
    #[ignore = "run by another test"]
    fn stranger() {
        let Some(path) = std::env::var_os("TINTYPE_TEST_PHOTO") else { return };
        let path = Path::new(&path);
        assert_eq!(write(path, &rating(1)).unwrap_err().code(), ErrorCode::FileUnwritable);
        let outcomes = write_batch(&[BatchEdit::new(path.to_owned(), rating(1))], &WriteOptions::default());
        assert_eq!(outcomes[0].as_ref().unwrap_err().code(), ErrorCode::FileUnwritable);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_keeps_its_file() {
        use std::os::unix::process::CommandExt;
        let photo = photo();
        let folder = photo.path.parent().unwrap().to_owned();
        chmod(&folder, 0o555);
        chmod(&photo.path, 0o666);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "write::disk::unix::stranger", "--ignored", "--quiet"])
            .env("TINTYPE_TEST_PHOTO", &photo.path);
        if rustix::process::geteuid().is_root() {
            // Root may write everywhere: somebody else tries.
            command.uid(65534).gid(65534).current_dir("/");
        }
        let output = command.output();
        chmod(&folder, 0o755);
        match output {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
            Err(error) => eprintln!("SKIPPED: the test cannot be run as somebody else: {error}"),
        }
        assert_eq!(fs_err::read(&photo.path).unwrap(), photo.bytes);
        assert_eq!(names(&photo.path), ["a.jpg"]);
    }

    #[test]
    fn the_owner_survives_where_that_is_permitted() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: only root gives files away");
            return;
        }
        let photo = photo();
        std::os::unix::fs::chown(&photo.path, Some(65534), Some(65534)).unwrap();
        chmod(&photo.path, 0o660);
        write(&photo.path, &rating(1)).unwrap();
        let meta = fs_err::metadata(&photo.path).unwrap();
        assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o7777), (65534, 65534, 0o660));
        write_sidecar(&photo.path, &rating(2), &WriteOptions::default()).unwrap();
        let meta = fs_err::metadata(photo.path.with_file_name("a.jpg.xmp")).unwrap();
        assert_eq!((meta.uid(), meta.mode() & 0o7777), (65534, 0o660));
    }

    /// What [`a_killed_writer_leaves_whole_files`] kills: it rates the photos of a folder over and over.
    #[test]
    #[ignore = "run by another test"]
    fn victim() {
        let Some(folder) = std::env::var_os("TINTYPE_TEST_VICTIM") else { return };
        for stars in (0..6).cycle() {
            let edits: Vec<_> = (0..8)
                .map(|i| BatchEdit::new(Path::new(&folder).join(format!("{i}.jpg")), rating(stars)))
                .collect();
            for (i, outcome) in write_batch(&edits, &WriteOptions::default()).into_iter().enumerate() {
                outcome.unwrap();
                // And some one by one.
                if i % 4 == 0 {
                    write(&edits[i].path, &full_edit()).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_killed_writer_leaves_whole_files() {
        let folder = tempfile::tempdir().unwrap();
        let original = drawn_files().remove(0).1;
        let photos: Vec<PathBuf> = (0..8).map(|i| folder.path().join(format!("{i}.jpg"))).collect();
        for photo in &photos {
            fs_err::write(photo, &original).unwrap();
        }
        let mut leftovers = 0;
        for round in 0..12 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "write::disk::unix::victim", "--ignored", "--quiet"])
                .env("TINTYPE_TEST_VICTIM", folder.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(40 + 23 * round));
            child.kill().unwrap();
            child.wait().unwrap();
            for entry in fs_err::read_dir(folder.path()).unwrap() {
                let path = entry.unwrap().path();
                if is_leftover(path.file_name().unwrap()) {
                    fs_err::remove_file(path).unwrap();
                    leftovers += 1;
                    continue;
                }
                let photo = read(&fs_err::read(&path).unwrap());
                assert_eq!(photo.pixel_hash, read(&original).pixel_hash, "{}", path.display());
                assert!(photo.issues.is_empty() && photo.metadata.rating.is_some(), "{}", path.display());
                assert_eq!(photo.metadata.iso, Some(400), "{}", path.display());
            }
            assert_eq!(names(&photos[0]).len(), photos.len());
        }
        eprintln!("{leftovers} temporary files were left behind");
        assert!(photos.iter().any(|photo| fs_err::read(photo).unwrap() != original), "nothing was written");
    }

    /// A small file system that is unmounted when dropped.
    struct Mounted(PathBuf);

    impl Mounted {
        fn tmpfs(at: &Path, size: &str) -> Option<Self> {
            let is_root = rustix::process::geteuid().is_root();
            let mounted = is_root
                && Command::new("mount")
                    .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tintype-test"])
                    .arg(at)
                    .status()
                    .is_ok_and(|status| status.success());
            if !mounted {
                eprintln!("SKIPPED: only root can mount a small file system");
            }
            mounted.then(|| Self(at.to_owned()))
        }
    }

    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }

    #[test]
    fn a_full_disk_and_a_read_only_one_keep_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let Some(mounted) = Mounted::tmpfs(folder.path(), "256k") else { return };
        let path = folder.path().join("a.jpg");
        let bytes = drawn_files().remove(0).1;
        fs_err::write(&path, &bytes).unwrap();
        // The rest is filled up to the last page.
        let mut filler = fs_err::File::create(folder.path().join("filler")).unwrap();
        while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
        drop(filler);
        let error = write(&path, &rating(1)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::StorageFull, "{error}");
        assert_eq!(fs_err::read(&path).unwrap(), bytes);
        assert_eq!(names(&path), ["a.jpg", "filler"]);
        fs_err::remove_file(folder.path().join("filler")).unwrap();
        assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(&mounted.0).status().unwrap().success());
        let error = write(&path, &rating(1)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::FileReadOnly, "{error}");
        assert_eq!(fs_err::read(&path).unwrap(), bytes);
    }

    #[test]
    fn two_editors_at_once_never_leave_a_mixture() {
        let photo = photo();
        let other = {
            let path = photo.path.clone();
            std::thread::Builder::new()
                .name("other-editor".to_owned())
                .spawn(move || {
                    for i in 0..200 {
                        let temporary = path.with_extension("other");
                        let stars = ["1", "2", "3", "4"][i % 4];
                        let bytes =
                            super::super::edited(&drawn_files().remove(1).1, &rating(stars.parse().unwrap()));
                        fs_err::write(&temporary, bytes).unwrap();
                        fs_err::rename(&temporary, &path).unwrap();
                    }
                })
                .unwrap()
        };
        let (mut won, mut lost) = (0, 0);
        while !other.is_finished() {
            match write(&photo.path, &rating(5)) {
                Ok(_) => won += 1,
                Err(error) => {
                    assert_eq!(error.code(), ErrorCode::FileVanished, "{error}");
                    lost += 1;
                }
            }
            let now = read(&fs_err::read(&photo.path).unwrap());
            assert!(now.metadata.rating.is_some() && now.issues.is_empty());
        }
        other.join().unwrap();
        eprintln!("{won} writes went through, {lost} found another's work");
        assert_eq!(names(&photo.path), ["a.jpg"]);
    }
}

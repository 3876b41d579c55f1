//! Formats whose decoders run in a process of their own, and what the program says of decoders.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::Value;
use tintype_media::{DecodeRequest, Limits, available_decoders, decode, inspect_bytes};
use tintype_testkit::Library;

use crate::support::{command, index, report, stdout};

const FIXTURES: [(&str, &[u8]); 4] = [
    ("drawn.avif", include_bytes!("../../../media/tests/it/fixtures/drawn.avif")),
    ("drawn.heic", include_bytes!("../../../media/tests/it/fixtures/drawn.heic")),
    ("drawn.jxl", include_bytes!("../../../media/tests/it/fixtures/drawn.jxl")),
    ("drawn.jp2", include_bytes!("../../../media/tests/it/fixtures/drawn.jp2")),
];

fn isolated() -> DecodeRequest {
    let decode_program = Some(env!("CARGO_BIN_EXE_tintype").into());
    DecodeRequest { long_side: 1440, limits: Limits { decode_program, ..Limits::default() } }
}

#[test]
fn a_process_of_its_own_gives_the_same_pixels() {
    for (name, bytes) in FIXTURES {
        let photo = inspect_bytes(bytes.to_vec(), &Limits::default());
        let here = DecodeRequest { long_side: 1440, limits: Limits::default() };
        match (decode(&photo, &here), decode(&photo, &isolated())) {
            (Ok(here), Ok(there)) => {
                assert_eq!(here.rgb(1440).data(), there.rgb(1440).data(), "{name}");
                assert_eq!((here.decoder(), here.issues()), (there.decoder(), there.issues()), "{name}");
            }
            (Err(here), Err(there)) => {
                assert_eq!(here.to_string(), there.to_string(), "{name}");
                eprintln!("SKIPPED {name}: {here}");
            }
            (here, there) => panic!("{name}: {here:?} here, {there:?} there"),
        }
    }
}

#[test]
fn damaged_files_cost_their_own_process_at_most() {
    // A fixed generator: the same damage in every run (Numerical Recipes' constants).
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize
    };
    for (name, bytes) in FIXTURES {
        for _ in 0..60 {
            let mut damaged = bytes.to_vec();
            for _ in 0..=random() % 6 {
                let at = random() % damaged.len();
                damaged[at] = random() as u8;
            }
            damaged.truncate(bytes.len() - random() % 2 * (random() % bytes.len()));
            let photo = inspect_bytes(damaged, &Limits::default());
            // The outcome does not matter; that there is one does.
            if let Ok(picture) = decode(&photo, &isolated()) {
                assert!(picture.width() > 0 && picture.height() > 0, "{name}");
            }
        }
    }
}

/// The error of a decode by a program in place of ours.
fn failing(script: &str) -> tintype_media::Error {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("decoder");
    fs_err::write(&program, script).unwrap();
    fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut request = isolated();
    request.limits.decode_program = Some(program);
    request.limits.max_decode = Duration::from_secs(1);
    decode(&inspect_bytes(FIXTURES[2].1.to_vec(), &Limits::default()), &request).unwrap_err()
}

#[test]
fn a_decoder_that_hangs_or_crashes_costs_one_picture() {
    let hung = failing("#!/bin/sh\nsleep 1000\n");
    assert!(hung.to_string().contains("took longer"), "{hung}");
    let crashed = failing("#!/bin/sh\ncat > /dev/null\necho 'out of memory' >&2\nkill -ABRT $$\n");
    assert!(
        crashed.to_string().contains("crashed") && crashed.to_string().contains("out of memory"),
        "{crashed}"
    );
}

#[test]
fn doctor_names_every_decoder_and_how_to_get_it() {
    let library = Library::empty();
    let out: Value = serde_json::from_str(&stdout(&library.data(), &["doctor", "--json"])).unwrap();
    let decoders = out["decoders"].as_array().unwrap();
    assert_eq!(decoders.len(), available_decoders().len());
    for decoder in decoders {
        let (version, how) = (decoder["version"].is_string(), decoder["how_to_get"].is_string());
        assert_ne!(version, how, "{decoder}");
    }
    let said = stdout(&library.data(), &["doctor"]);
    assert!(said.contains("libheif") && said.contains("ffmpeg"), "{said}");
}

/// A film is shown by one frame as soon as there is a program for it: pictures that could not be decoded before are
/// tried again, once.
#[test]
fn what_could_not_be_decoded_is_tried_again_when_a_decoder_appears() {
    let library = Library::empty();
    library.add("film.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\x08wide");
    let folder = tempfile::tempdir().unwrap();
    let run = |path: &str| -> (u64, String) {
        let photos = library.photos();
        let args = ["index", "--json", photos.to_str().unwrap()];
        let out = command(&library.data()).args(args).env("PATH", path).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout).unwrap();
        let line: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        (line["opened"].as_u64().unwrap(), report(&library.data())[0]["issues"].to_string())
    };
    let (opened, issues) = run("/nonexistent");
    assert_eq!(opened, 1);
    assert!(issues.contains("NOT_DECODABLE") && issues.contains("ffmpeg"), "{issues}");
    assert_eq!(run("/nonexistent").0, 0, "not tried again by the same set");
    let script = "#!/bin/sh\n\
        if [ \"$1\" = -version ]; then echo 'ffmpeg version 7.0-test Copyright'; exit; fi\n\
        printf 'P6\\n40 40\\n255\\n'; i=0; while [ $i -lt 480 ]; do printf 'abcdefghij'; i=$((i+1)); done\n";
    let program = folder.path().join("ffmpeg");
    fs_err::write(&program, script).unwrap();
    fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let (opened, issues) = run(&format!("{}:/usr/bin:/bin", folder.path().display()));
    assert_eq!((opened, issues.as_str()), (1, "[]"));
    let computed = index(&library.data(), &[&library.photos()]);
    assert_eq!(
        (computed.computed, computed.opened),
        (0, 0),
        "and its features stay, with or without the program"
    );
}

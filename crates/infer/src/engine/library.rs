//! Finds the shared library of ONNX Runtime and reads its version, before anything of it is used.
#![allow(unsafe_code, reason = "a shared library is opened and one of its functions called; see each block")]

use std::ffi::CStr;
use std::path::{Path, PathBuf};

use crate::engine::EngineConfig;

/// The oldest minor version of ONNX Runtime 1 that answers to the functions used here.
const OLDEST_MINOR: u32 = ort::MINOR_VERSION;

/// The first usable library and its version. The error is one sentence for people.
pub(super) fn find(config: &EngineConfig) -> Result<(PathBuf, String), String> {
    if let Some(path) = &config.library {
        return probe(path).map(|version| (path.clone(), version));
    }
    let program = std::env::current_exe().unwrap_or_default();
    let mut beside_program = program.ancestors().skip(1);
    let beside_program =
        [beside_program.next().map(Path::to_owned), beside_program.next().map(|prefix| prefix.join("lib"))];
    let dirs = config.library_dirs.iter().cloned().chain(beside_program.into_iter().flatten());
    let mut refusal = None;
    for path in dirs.flat_map(|dir| candidates(&dir)) {
        match probe(&path) {
            Ok(version) => return Ok((path, version)),
            Err(reason) => refusal = refusal.or(Some(reason)),
        }
    }
    for name in system_names() {
        if let Ok(version) = probe(Path::new(name)) {
            return Ok((PathBuf::from(name), version));
        }
    }
    Err(refusal.unwrap_or_else(|| "no library of ONNX Runtime was found".to_owned()))
}

fn system_names() -> &'static [&'static str] {
    if cfg!(target_os = "windows") {
        &["onnxruntime.dll"]
    } else if cfg!(target_os = "macos") {
        &["libonnxruntime.dylib"]
    } else {
        &["libonnxruntime.so", "libonnxruntime.so.1"]
    }
}

/// Files in `dir` that are named like the library, those without a version first.
fn candidates(dir: &Path) -> Vec<PathBuf> {
    let is_library = |name: &str| {
        let path = Path::new(name);
        let ends_in =
            |wanted: &str| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted));
        match std::env::consts::OS {
            "windows" => name.eq_ignore_ascii_case("onnxruntime.dll"),
            "macos" => name.starts_with("libonnxruntime.") && ends_in("dylib"),
            _ => name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so."),
        }
    };
    let mut found: Vec<PathBuf> = fs_err::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_library))
        .map(|entry| entry.path())
        .collect();
    found.sort_unstable_by_key(|path| (path.as_os_str().len(), path.clone()));
    found
}

/// The version of the library at `path`, or why it cannot be used.
fn probe(path: &Path) -> Result<String, String> {
    if path.is_absolute() || path.exists() {
        check_length(path)?;
    }
    // SAFETY: opening a library runs its initialisers. This one was named by the person who set the program up,
    // or lies where the system keeps its libraries.
    let library = unsafe { libloading::Library::new(path) }
        .map_err(|error| format!("{} cannot be opened: {error}", path.display()))?;
    // SAFETY: `OrtGetApiBase` takes nothing and returns a pointer to a constant table, which starts with two
    // functions: GetApi and GetVersionString (onnxruntime_c_api.h).
    let version = unsafe {
        let get: libloading::Symbol<unsafe extern "C" fn() -> *const ort::sys::OrtApiBase> = library
            .get(b"OrtGetApiBase\0")
            .map_err(|_missing| format!("{} is not a library of ONNX Runtime", path.display()))?;
        let base = get();
        if base.is_null() {
            return Err(format!("{} gives no interface", path.display()));
        }
        let text = ((*base).GetVersionString)();
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    };
    // The library stays in memory: it may have started threads, and it is opened again in a moment.
    std::mem::forget(library);
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(1), Some(minor)) if minor >= OLDEST_MINOR => Ok(version),
        _ => Err(format!(
            "{} is ONNX Runtime {version}; 1.{OLDEST_MINOR} or a later 1.x is needed",
            path.display()
        )),
    }
}

/// The system's loader maps a library without looking whether all of it is there, and a missing page ends the
/// process. In an ELF file, the table of sections comes last: its end must lie within the file.
fn check_length(path: &Path) -> Result<(), String> {
    use std::io::Read;
    let cannot = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut file = std::fs::File::open(path).map_err(cannot)?;
    let len = file.metadata().map_err(cannot)?.len();
    let mut header = [0u8; 64];
    let is_whole_header = file.read_exact(&mut header).is_ok();
    if is_whole_header && header.starts_with(b"\x7fELF\x02\x01") {
        let number = |at: usize, bytes: usize| {
            header[at..at + bytes].iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte))
        };
        let (table, entry, entries) = (number(0x28, 8), number(0x3a, 2), number(0x3c, 2));
        if table.checked_add(entry * entries).is_none_or(|end| end > len) {
            return Err(format!("{} is cut short", path.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_is_refused_with_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libonnxruntime.so");
        for content in [&b""[..], b"not a library", b"\x7fELF\x02\x01 and nothing more"] {
            fs_err::write(&path, content).unwrap();
            let reason = probe(&path).unwrap_err();
            assert!(reason.contains("libonnxruntime.so"), "{reason}");
        }
        assert!(probe(&dir.path().join("missing.so")).unwrap_err().contains("cannot be read"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_library_cut_short_is_not_opened() {
        // The test program itself is an ELF file.
        let whole = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libonnxruntime.so");
        for part in [whole.len() / 4, whole.len() - 1] {
            fs_err::write(&path, &whole[..part]).unwrap();
            assert!(probe(&path).unwrap_err().ends_with("is cut short"));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn plain_names_come_before_versioned_ones() {
        let dir = tempfile::tempdir().unwrap();
        for name in
            ["libonnxruntime.so.1.24.0", "libonnxruntime.so", "libonnxruntime_providers_shared.so", "x"]
        {
            fs_err::write(dir.path().join(name), b"").unwrap();
        }
        let names: Vec<_> =
            candidates(dir.path()).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["libonnxruntime.so", "libonnxruntime.so.1.24.0"]);
    }
}

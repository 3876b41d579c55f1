//! One frame of a film by `ffmpeg`, where it is on the PATH. It runs as a program of its own, without network, with
//! the container named, and is killed when its time is up.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, child};
use crate::picture::Base;
use crate::{Error, Inspected, VideoKind};

const NAME: &str = "ffmpeg";

/// How to get it, in the words of this system.
pub(super) const HOW_TO_GET: &str = if cfg!(target_os = "macos") {
    "brew install ffmpeg"
} else if cfg!(windows) {
    "put ffmpeg.exe on the PATH"
} else {
    "install ffmpeg (Debian and Ubuntu: apt-get install ffmpeg)"
};

/// The program and its version, looked for once.
pub(super) struct Ffmpeg {
    program: PathBuf,
    pub(super) version: String,
}

pub(super) fn installed() -> Option<&'static Ffmpeg> {
    static FOUND: OnceLock<Option<Ffmpeg>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            // PATH is where programs are looked for: the system's setting, not one of ours.
            let path = std::env::var_os("PATH")?;
            Ffmpeg::find(&path)
        })
        .as_ref()
}

impl Ffmpeg {
    /// The first program of that name in the folders of a search path that answers as ffmpeg does.
    fn find(path: &OsStr) -> Option<Self> {
        let name = if cfg!(windows) { "ffmpeg.exe" } else { NAME };
        std::env::split_paths(path)
            // A relative entry would run a program from the folder of photos.
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .filter(|program| program.is_file())
            .find_map(Self::ask)
    }

    fn ask(program: PathBuf) -> Option<Self> {
        let mut command = Command::new(&program);
        command.arg("-version");
        let answer = child::run(command, NAME, &[], Duration::from_secs(10), 1 << 20).ok()?;
        let text = String::from_utf8_lossy(&answer.output);
        // "ffmpeg version 5.1.6-0+deb12u1 Copyright …"
        let version = text.strip_prefix("ffmpeg version ")?.split_whitespace().next()?.to_owned();
        Some(Self { program, version })
    }
}

/// ffmpeg's name for the container, so that it never guesses another one whose contents name more files.
fn demuxer(kind: VideoKind) -> &'static str {
    match kind {
        VideoKind::Mp4 | VideoKind::Mov | VideoKind::ThreeGp => "mov",
        VideoKind::Avi => "avi",
        VideoKind::Matroska => "matroska",
        VideoKind::MpegTs => "mpegts",
        VideoKind::MpegPs => "mpeg",
        VideoKind::Asf => "asf",
    }
}

/// The second of which a frame is taken: films often fade in from black.
fn poster_at(duration_secs: Option<f64>) -> f64 {
    duration_secs.filter(|secs| secs.is_finite() && *secs > 0.0).map_or(0.0, |secs| (secs / 10.0).min(3.0))
}

/// The arguments for one frame at `at` seconds as PPM on standard output, upright, with square pixels.
fn arguments(kind: VideoKind, input: &OsStr, at: f64, request: &DecodeRequest) -> Vec<OsString> {
    let side = request.long_side.max(16);
    let limits = &request.limits;
    let scale = format!(
        "scale='trunc(iw*sar)':ih,setsar=1,scale='min({side},iw)':'min({side},ih)':force_original_aspect_ratio=decrease"
    );
    let (pixels, bytes) = (limits.max_pixels.to_string(), limits.max_decode_bytes.to_string());
    let at = format!("{at:.3}");
    let before = [
        "-nostdin",
        "-hide_banner",
        "-v",
        "error",
        "-max_alloc",
        &bytes,
        "-protocol_whitelist",
        "file,pipe",
        "-threads",
        "1",
        "-max_pixels",
        &pixels,
        "-f",
        demuxer(kind),
        "-ss",
        &at,
        "-i",
    ];
    let after = [
        "-map",
        "0:v:0",
        "-an",
        "-sn",
        "-dn",
        "-frames:v",
        "1",
        "-vf",
        &scale,
        "-threads",
        "1",
        "-pix_fmt",
        "rgb24",
        "-c:v",
        "ppm",
        "-f",
        "image2pipe",
        "pipe:1",
    ];
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    [words(&before), vec![input.to_owned()], words(&after)].concat()
}

/// A frame of the film, upright: ffmpeg turns it as the container says.
pub(super) fn decode(photo: &Inspected, kind: VideoKind, request: &DecodeRequest) -> Result<Decoded, Error> {
    let Some(ffmpeg) = installed() else {
        return Err(Error::NotDecodable {
            format: crate::Format::Video(kind).name(),
            detail: format!("a frame of a film needs ffmpeg, which is not installed: {HOW_TO_GET}"),
        });
    };
    ffmpeg.frame(photo, kind, request)
}

impl Ffmpeg {
    fn frame(&self, photo: &Inspected, kind: VideoKind, request: &DecodeRequest) -> Result<Decoded, Error> {
        let at = poster_at(photo.metadata.duration_secs);
        let image = match self.frame_at(at, photo, kind, request) {
            // The stated duration may be wrong, and then nothing is there.
            Err(Error::Decoder { .. }) if at > 0.0 => self.frame_at(0.0, photo, kind, request),
            other => other,
        }?;
        if photo.path.is_some() && !photo.is_unchanged() {
            return Err(Error::Vanished { path: photo.path.clone().unwrap_or_default() });
        }
        let decoder = format!("ffmpeg {}", self.version).into();
        Ok(Decoded { base: Base::Rgb(image), decoder, issues: Vec::new(), managed: true, upright: true })
    }

    fn frame_at(
        &self,
        at: f64,
        photo: &Inspected,
        kind: VideoKind,
        request: &DecodeRequest,
    ) -> Result<RgbImage, Error> {
        let (input, bytes) = match (&photo.path, &photo.bytes) {
            (Some(path), _) => (named(path), &[][..]),
            (None, Some(bytes)) => (OsString::from("pipe:0"), bytes.as_slice()),
            (None, None) => {
                return Err(Error::TooLarge { detail: "a film of which no bytes are held".to_owned() });
            }
        };
        let mut command = Command::new(&self.program);
        command.args(arguments(kind, &input, at, request));
        let side = u64::from(request.long_side.max(16));
        let answer = child::run(command, NAME, bytes, request.limits.max_decode, side * side * 3 + 64)?;
        ppm(&answer.output).ok_or_else(|| {
            let said = answer.words.lines().next().unwrap_or("no frame").to_owned();
            Error::Decoder { decoder: NAME, detail: said }
        })
    }
}

/// A path as ffmpeg's own protocol of files: whatever it is called, it is not taken for an option or an address.
fn named(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// A binary portable pixmap of 8-bit samples.
fn ppm(data: &[u8]) -> Option<RgbImage> {
    let mut rest = data.strip_prefix(b"P6")?;
    let mut number = || {
        rest = rest.trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, after) = rest.split_at(digits);
        rest = after;
        std::str::from_utf8(number).ok()?.parse::<u32>().ok()
    };
    let (width, height, most) = (number()?, number()?, number()?);
    let pixels = rest.get(1..)?;
    let len = (width as usize).checked_mul(height as usize)?.checked_mul(3)?;
    if most != 255 || len == 0 {
        return None;
    }
    RgbImage::new(width, height, pixels.get(..len)?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn request() -> DecodeRequest {
        DecodeRequest { long_side: 1440, limits: Limits::default() }
    }

    #[test]
    fn a_file_is_never_an_option_or_an_address_and_no_network_is_allowed() {
        let input = named(Path::new("/films/-i http:evil.mp4"));
        let arguments = arguments(VideoKind::Mp4, &input, 1.5, &request());
        let at = arguments.iter().position(|argument| argument == "-i").unwrap();
        assert_eq!(arguments[at + 1], "file:/films/-i http:evil.mp4");
        let pair = |name: &str, value: &str| {
            arguments.windows(2).take(at).any(|pair| pair[0] == name && pair[1] == value)
        };
        assert!(pair("-protocol_whitelist", "file,pipe"));
        assert!(pair("-f", "mov"));
        assert!(pair("-ss", "1.500"));
        assert!(arguments.iter().any(|argument| argument == "-nostdin"));
    }

    #[test]
    fn the_poster_is_near_the_beginning() {
        assert_eq!([None, Some(f64::NAN), Some(0.0)].map(poster_at), [0.0; 3]);
        assert_eq!([Some(10.0), Some(7200.0)].map(poster_at), [1.0, 3.0]);
    }

    #[test]
    fn pixmaps_are_read_and_broken_ones_refused() {
        let image = ppm(b"P6\n2 1\n255\nabcdef").unwrap();
        assert_eq!((image.width(), image.height(), image.data()), (2, 1, &b"abcdef"[..]));
        for bad in [
            &b"P6\n2 1\n255\nabcde"[..],
            b"P6\n2 1\n65535\nabcdef",
            b"P5\n2 1\n255\nab",
            b"P6\n0 0\n255\n",
            b"",
        ] {
            assert!(ppm(bad).is_none());
        }
        assert!(ppm(b"P6\n4294967295 4294967295\n255\nab").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_program_in_the_path_is_asked_for_its_version_and_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let script = "#!/bin/sh\n\
            if [ \"$1\" = -version ]; then echo 'ffmpeg version 7.0-test Copyright'; exit; fi\n\
            for word; do case $word in *later.mov) case \"$*\" in *'-ss 0.000'*) ;; *) echo nothing there >&2; exit 1;; esac;; esac; done\n\
            for word; do case $word in *hangs.mov) sleep 1000;; esac; done\n\
            printf 'P6\\n1 2\\n255\\nabcdef'\n";
        let program = folder.path().join("ffmpeg");
        fs_err::write(&program, script).unwrap();
        fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Ffmpeg::find(OsStr::new("relative:/nonexistent")).is_none());
        let ffmpeg = Ffmpeg::find(folder.path().as_os_str()).unwrap();
        assert_eq!(ffmpeg.version, "7.0-test");

        let film = |name: &str| {
            let path = folder.path().join(name);
            fs_err::write(&path, b"\0\0\0\x14ftypqt  \0\0\0\0qt  ").unwrap();
            let mut photo = crate::inspect(&path, &Limits::default()).unwrap();
            photo.metadata.duration_secs = Some(20.0);
            photo
        };
        for name in ["plain.mov", "later.mov"] {
            let decoded = ffmpeg.frame(&film(name), VideoKind::Mov, &request()).unwrap();
            assert_eq!((decoded.decoder.as_ref(), decoded.upright), ("ffmpeg 7.0-test", true));
        }
        let changed = film("changed.mov");
        fs_err::write(folder.path().join("changed.mov"), b"another").unwrap();
        let error = ffmpeg.frame(&changed, VideoKind::Mov, &request()).err().unwrap();
        assert!(matches!(error, Error::Vanished { .. }), "{error}");
        let mut hurried = request();
        hurried.limits.max_decode = Duration::from_millis(300);
        let error = ffmpeg.frame(&film("hangs.mov"), VideoKind::Mov, &hurried).err().unwrap();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    }
}

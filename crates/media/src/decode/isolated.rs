//! Decoding in a process of its own: a decoder that crashes, hangs or takes all memory then costs one photo.
//!
//! The program starts itself with [`ARGUMENT`] in front, writes the file to its standard input and reads pixels, or
//! what went wrong, from its standard output. Only decoders that cannot be stopped from outside are worth the
//! millisecond that a process costs.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

use tintype_core::{ErrorCode, Issue, Stage};
use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, child, foreign, reduced};
use crate::bytes::be32;
use crate::picture::Base;
use crate::planes::to_rgb;
use crate::{Error, Format, Limits};

/// The first argument of a process that decodes one picture.
const ARGUMENT: &str = "decode-one-picture";
/// How an answer with pixels begins; the width, the height, whether colours are converted and whether it is upright
/// follow, then the lengths of the decoder's name and of what was wrong with the data, these two, and the pixels.
const PIXELS: u8 = b'P';
/// Bytes in front of the name.
const HEADER: usize = 1 + 4 + 4 + 1 + 1 + 1 + 1;
/// Memory of the process beside the file and the pixels: its own code, libraries and threads' stacks.
#[cfg(unix)]
const OVERHEAD: u64 = 192 << 20;

/// The decoder that a format's errors name.
fn decoder_name(format: Format) -> &'static str {
    match format {
        Format::Jxl => "jxl-oxide",
        Format::Jp2 => "hayro-jpeg2000",
        _ => "libheif",
    }
}

/// Decodes with `program`, which is this program.
pub(super) fn decode(
    program: &Path,
    format: Format,
    bytes: &[u8],
    request: &DecodeRequest,
) -> Result<Decoded, Error> {
    let limits = &request.limits;
    let mut command = Command::new(program);
    command.arg(ARGUMENT).args(
        [
            u64::from(request.long_side),
            limits.max_pixels,
            limits.max_decode_bytes,
            limits.max_decode.as_secs(),
        ]
        .map(|number| number.to_string()),
    );
    // The allocator of the program would reserve a gigabyte of addresses, which the limit on memory would count.
    command.env("MIMALLOC_ARENA_RESERVE", "0");
    let side = u64::from(request.long_side);
    let most = side * side * 3 + 1024;
    let name = decoder_name(format);
    let answer = child::run(command, name, bytes, limits.max_decode, most)?;
    parse(format, &answer.output).unwrap_or_else(|| {
        let detail =
            format!("the decoder crashed ({}) {}", answer.status, answer.words.lines().next().unwrap_or(""));
        Err(Error::Decoder { decoder: name, detail: detail.trim().to_owned() })
    })
}

fn parse(format: Format, answer: &[u8]) -> Option<Result<Decoded, Error>> {
    let (&kind, rest) = answer.split_first()?;
    if kind != PIXELS {
        return error_of(kind, format, &String::from_utf8_lossy(rest)).map(Err);
    }
    let (width, height) = (be32(answer, 1)?, be32(answer, 5)?);
    let (managed, upright) = (*answer.get(9)? == 1, *answer.get(10)? == 1);
    let name_end = HEADER + usize::from(*answer.get(11)?);
    let issue_end = name_end + usize::from(*answer.get(12)?);
    let decoder = String::from_utf8_lossy(answer.get(HEADER..name_end)?).into_owned().into();
    let issue = String::from_utf8_lossy(answer.get(name_end..issue_end)?).into_owned();
    let issue = (!issue.is_empty()).then(|| Issue::new(Stage::Decode, ErrorCode::InvalidImage, issue));
    let image = RgbImage::new(width, height, answer.get(issue_end..)?.to_vec())?;
    Some(Ok(Decoded {
        base: Base::Rgb(image),
        decoder,
        issues: issue.into_iter().collect(),
        managed,
        upright,
    }))
}

/// The letter of an error that a decoder returns, and its words.
fn letter(error: &Error) -> (u8, String) {
    match error {
        Error::NotDecodable { detail, .. } => (b'n', detail.clone()),
        Error::Truncated { detail } => (b't', detail.clone()),
        Error::TooLarge { detail } => (b'l', detail.clone()),
        Error::TimedOut { limit_secs } => (b's', limit_secs.to_string()),
        Error::Panicked { detail, .. } => (b'p', detail.clone()),
        Error::Decoder { detail, .. } => (b'd', detail.clone()),
        other => (b'd', other.to_string()),
    }
}

fn error_of(letter: u8, format: Format, detail: &str) -> Option<Error> {
    let (detail, decoder) = (detail.to_owned(), decoder_name(format));
    Some(match letter {
        b'n' => Error::NotDecodable { format: format.name(), detail },
        b't' => Error::Truncated { detail },
        b'l' => Error::TooLarge { detail },
        b's' => Error::TimedOut { limit_secs: detail.parse().ok()? },
        b'p' => Error::Panicked { decoder, detail },
        b'd' => Error::Decoder { decoder, detail },
        _ => return None,
    })
}

/// Does the work of a process that was started to decode one picture, if this is one: `main` calls it first and
/// returns the code. `arguments` are the program's, its name included.
pub fn decode_if_asked(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter().skip(1);
    if arguments.next()? != *ARGUMENT {
        return None;
    }
    let mut number = || arguments.next()?.to_str()?.parse::<u64>().ok();
    let request = (|| {
        let long_side = u32::try_from(number()?).ok()?;
        let limits = Limits {
            max_pixels: number()?,
            max_decode_bytes: number()?,
            max_decode: std::time::Duration::from_secs(number()?),
            decode_program: None,
            ..Limits::default()
        };
        Some(DecodeRequest { long_side, limits })
    })();
    let Some(request) = request else { return Some(ExitCode::from(2)) };
    let mut bytes = Vec::new();
    let limit = request.limits.whole_file_bytes;
    let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
    let answer = match read {
        Ok(_len) => answer(&bytes, &request),
        Err(_broken_pipe) => return Some(ExitCode::FAILURE),
    };
    let mut out = std::io::stdout().lock();
    Some(match out.write_all(&answer).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_nobody_listens) => ExitCode::FAILURE,
    })
}

fn answer(bytes: &[u8], request: &DecodeRequest) -> Vec<u8> {
    limit_memory(bytes.len() as u64 + request.limits.max_decode_bytes);
    let Some(format) = Format::sniff(bytes) else { return b"dnot a picture".to_vec() };
    match foreign(format, bytes, request) {
        Ok(decoded) => {
            let image = match reduced(decoded.base, request.long_side) {
                Base::Rgb(image) => image,
                Base::Planes(planes) => to_rgb(&planes.y, None),
            };
            let short = |text: &str| text.as_bytes()[..text.len().min(255)].to_vec();
            let name = short(&decoded.decoder);
            let issue = decoded.issues.first().map(|issue| short(&issue.detail)).unwrap_or_default();
            let mut answer = vec![PIXELS];
            answer.extend(image.width().to_be_bytes());
            answer.extend(image.height().to_be_bytes());
            answer.extend([u8::from(decoded.managed), u8::from(decoded.upright)]);
            answer.extend([name.len() as u8, issue.len() as u8]);
            answer.extend(name);
            answer.extend(issue);
            answer.extend(image.data());
            answer
        }
        Err(error) => {
            let (letter, detail) = letter(&error);
            [&[letter], detail.as_bytes()].concat()
        }
    }
}

/// Bounds what this process may allocate; where the system has no such limit, it has none.
fn limit_memory(bytes: u64) {
    #[cfg(unix)]
    {
        let most = Some(bytes + OVERHEAD);
        let limit = rustix::process::Rlimit { current: most, maximum: most };
        // Refused only where a lower limit is in force already.
        let _ = rustix::process::setrlimit(rustix::process::Resource::Data, limit);
    }
    #[cfg(not(unix))]
    let _ = bytes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_survive_the_way() {
        let error = |error: Error| {
            let (kind, detail) = letter(&error);
            let answer = [&[kind], detail.as_bytes()].concat();
            assert_eq!(parse(Format::Heif, &answer).unwrap().err().unwrap().to_string(), error.to_string());
        };
        error(Error::NotDecodable { format: "heic", detail: "why".to_owned() });
        error(Error::Truncated { detail: "early".to_owned() });
        error(Error::TooLarge { detail: "big".to_owned() });
        error(Error::TimedOut { limit_secs: 7 });
        error(Error::Panicked { decoder: "libheif", detail: "oops".to_owned() });
        error(Error::Decoder { decoder: "libheif", detail: "bad".to_owned() });
    }

    #[test]
    fn a_cut_answer_is_no_picture() {
        let mut answer = vec![PIXELS, 0, 0, 0, 2, 0, 0, 0, 1, 1, 0, 3, 4];
        answer.extend(b"abcoops123456");
        let decoded = parse(Format::Jxl, &answer).unwrap().unwrap();
        assert_eq!((decoded.decoder.as_ref(), decoded.managed, decoded.upright), ("abc", true, false));
        assert_eq!(decoded.issues[0].detail, "oops");
        for len in 0..answer.len() {
            assert!(parse(Format::Jxl, &answer[..len]).is_none(), "{len}");
        }
    }
}

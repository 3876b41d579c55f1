//! Walking the marker segments of a JPEG stream (ITU-T T.81 annex B) without decoding it.

use std::ops::Range;

use crate::bytes::be16;

/// What a segment is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// An application segment or comment, with its marker byte (0xE0–0xEF, 0xFE).
    Meta(u8),
    /// A frame header (SOF), which holds the size.
    Frame,
    /// A scan header with the entropy-coded data after it, up to the next marker.
    Scan,
    /// Tables and everything else.
    Other,
    /// End of image.
    End,
    /// Bytes where a marker should be, up to the next marker.
    Damaged,
}

/// One segment of the stream.
pub(crate) struct Segment<'a> {
    pub(crate) part: Part,
    pub(crate) marker: u8,
    /// What follows the length field, cut where the file ends.
    pub(crate) body: &'a [u8],
    /// Where the whole segment lies in the file, marker included.
    pub(crate) range: Range<usize>,
}

/// The segments after the start-of-image marker, to the end of the first image.
pub(crate) struct Segments<'a> {
    data: &'a [u8],
    at: usize,
    ended: bool,
    headers_only: bool,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 2, ended: false, headers_only: false }
    }

    /// The segments up to the first scan header, whose data is not walked.
    pub(crate) fn headers(data: &'a [u8]) -> Self {
        Self { headers_only: true, ..Self::new(data) }
    }

    /// What lies between `start` and the next thing after `from` that looks like a marker: libjpeg looks for it the
    /// same way.
    fn damaged(&mut self, start: usize, from: usize) -> Segment<'a> {
        let end = self.end_of_scan(from.min(self.data.len()));
        self.at = end;
        Segment { part: Part::Damaged, marker: 0, body: &self.data[start..end], range: start..end }
    }

    /// The end of the entropy-coded data that begins at `at`: the next marker that is neither a stuffed zero nor a
    /// restart.
    fn end_of_scan(&self, mut at: usize) -> usize {
        while let Some(found) = self.data.get(at..).and_then(|rest| memchr::memchr(0xFF, rest)) {
            at += found;
            match self.data.get(at + 1) {
                None => break,
                Some(0 | 0xD0..=0xD7) => at += 2,
                // Fill bytes: the last one begins the marker.
                Some(0xFF) => at += 1,
                Some(_) => return at,
            }
        }
        self.data.len()
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        if self.ended || self.at >= self.data.len() {
            return None;
        }
        let start = self.at;
        let mut at = start;
        while self.data.get(at) == Some(&0xFF) && self.data.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        let (Some(0xFF), Some(&marker)) = (self.data.get(at), self.data.get(at + 1)) else {
            return Some(self.damaged(start, start));
        };
        let (part, end) = match marker {
            0xD9 => {
                self.ended = true;
                return Some(Segment { part: Part::End, marker, body: &[], range: start..at + 2 });
            }
            // A second start of image, restarts and TEM stand alone.
            0x01 | 0xD0..=0xD8 => (Part::Other, at + 2),
            _ => {
                let Some(len) = be16(self.data, at + 2).filter(|&len| len >= 2 && marker != 0) else {
                    return Some(self.damaged(start, at + 2));
                };
                let end = (at + 2 + usize::from(len)).min(self.data.len());
                let part = match marker {
                    0xE0..=0xEF | 0xFE => Part::Meta(marker),
                    0xC4 | 0xC8 | 0xCC => Part::Other,
                    0xC0..=0xCF => Part::Frame,
                    0xDA => Part::Scan,
                    _ => Part::Other,
                };
                (part, end)
            }
        };
        let body = self.data.get(at + 4..end).unwrap_or_default();
        let end = match part {
            Part::Scan if self.headers_only => {
                self.ended = true;
                end
            }
            Part::Scan => self.end_of_scan(end),
            _ => end,
        };
        self.at = end;
        Some(Segment { part, marker, body, range: start..end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_ends_at_the_next_real_marker() {
        let data = [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 3, 7, 0xFF, 0xDA, 0, 2, 1, 0xFF, 0, 2, 0xFF, 0xD3, 3, 0xFF, 0xFF,
            0xD9, 9, 9,
        ];
        let parts: Vec<_> = Segments::new(&data).map(|segment| (segment.part, segment.range)).collect();
        assert_eq!(parts, [(Part::Meta(0xE0), 2..7), (Part::Scan, 7..19), (Part::End, 19..21)]);
    }

    #[test]
    fn damage_never_panics_and_ends_the_walk() {
        for len in 0..8 {
            for fill in [0, 0xFF, 0xDA, 0xD8] {
                let mut data = vec![0xFF, 0xD8];
                data.resize(2 + len, fill);
                assert!(Segments::new(&data).count() <= len + 1);
            }
        }
    }
}

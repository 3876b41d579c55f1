use std::io::Write;

use super::*;

/// A zip archive with these members, deflated or not.
fn archive(members: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for (name, contents, deflated) in members {
        let mut checksum = flate2::Crc::new();
        checksum.update(contents);
        let packed = if *deflated {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(contents).unwrap();
            encoder.finish().unwrap()
        } else {
            contents.to_vec()
        };
        let mut common = Vec::new();
        for number in [20u16, 0, u16::from(*deflated) * 8, 0, 0] {
            common.extend(number.to_le_bytes());
        }
        for number in [checksum.sum(), packed.len() as u32, contents.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 12]);
        directory.extend((bytes.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(3u16.to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend([0; 3]);
        bytes.extend(packed);
    }
    let at = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([(members.len() as u16).to_le_bytes(); 2].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend(b"\x07\0comment");
    bytes
}

fn two() -> Vec<u8> {
    archive(&[("one.tflite", b"first", false), ("two.tflite", &[7; 5000], true)])
}

#[test]
fn members_are_found_by_name_stored_or_deflated() {
    assert_eq!(task_member(&two(), "one.tflite"), Ok(b"first".to_vec()));
    assert_eq!(task_member(&two(), "two.tflite"), Ok(vec![7; 5000]));
    assert_eq!(
        task_member(&two(), "three.tflite").unwrap_err().to_string(),
        "the bundle has no member \"three.tflite\", only one.tflite, two.tflite"
    );
}

#[test]
fn lies_are_found_out() {
    let patched = |from: &[u8], to: &[u8], name: &str| {
        let mut bytes = two();
        // The last place is the directory's.
        let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
        task_member(&bytes, name).unwrap_err()
    };
    let size = 5000u32.to_le_bytes();
    assert!(matches!(patched(&size, &5001u32.to_le_bytes(), "two.tflite"), BundleError::Damaged(_)));
    assert!(matches!(patched(&size, &4999u32.to_le_bytes(), "two.tflite"), BundleError::Damaged(_)));
    assert!(matches!(patched(&size, &u32::MAX.to_le_bytes(), "two.tflite"), BundleError::TooLarge(_)));
    let mut checksum = flate2::Crc::new();
    checksum.update(b"first");
    assert_eq!(
        patched(&checksum.sum().to_le_bytes(), &[0; 4], "one.tflite"),
        BundleError::Damaged("a member's checksum is wrong")
    );
    let row = b"PK\x01\x02\x14\x00\x14\x00";
    let second = |tail: &[u8]| [row.as_slice(), tail].concat();
    assert_eq!(patched(row, &second(&[1, 0]), "two.tflite"), BundleError::Unsupported("an encrypted member"));
    assert!(matches!(patched(row, &second(&[0, 0, 12]), "two.tflite"), BundleError::Unsupported(_)));
}

#[test]
fn cut_and_changed_archives_never_panic() {
    let whole = two();
    for len in 0..whole.len() - b"comment".len() {
        assert!(task_member(&whole[..len], "one.tflite").is_err(), "{len}");
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            for (name, contents) in [("one.tflite", b"first".to_vec()), ("two.tflite", vec![7; 5000])] {
                if let Ok(read) = task_member(&bytes, name) {
                    assert_eq!(read, contents, "byte {at}");
                }
            }
        }
    }
}

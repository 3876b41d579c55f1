use super::*;
use crate::tflite::tests::written::{Node, file};

#[test]
fn fields_are_read_by_number_and_default_where_absent() {
    let bytes = file(&Node::Table(vec![
        (1, Node::I32(-5)),
        (4, Node::text("name")),
        (2, Node::I8(-1)),
        (6, Node::Table(vec![(0, Node::I32(7))])),
        (7, Node::I32s(vec![1, -1])),
        (9, Node::Tables(vec![Node::Table(Vec::new()), Node::Table(vec![(0, Node::I32(9))])])),
    ]));
    let file = Flatbuffer::open(&bytes).unwrap();
    let root = file.root().unwrap();
    assert_eq!((root.i32(1, 3).unwrap(), root.i32(0, 3).unwrap(), root.i32(50, 4).unwrap()), (-5, 3, 4));
    assert_eq!((root.i8(2).unwrap(), root.bool(2).unwrap(), root.bool(3).unwrap()), (-1, true, false));
    assert_eq!((root.string(4).unwrap(), root.string(5).unwrap()), ("name", ""));
    assert_eq!(root.table(6).unwrap().unwrap().i32(0, 0).unwrap(), 7);
    assert!(root.table(5).unwrap().is_none());
    assert_eq!(root.i32s(7).unwrap(), Some(vec![1, -1]));
    assert_eq!(root.i64s(8).unwrap(), None);
    let tables = root.tables(9).unwrap();
    assert_eq!(tables.iter().map(|table| table.i32(0, 1).unwrap()).collect::<Vec<_>>(), [1, 9]);
    assert!(root.tables(8).unwrap().is_empty());
}

#[test]
fn every_cut_is_noticed_at_the_latest_where_it_hurts() {
    let bytes = file(&Node::Table(vec![(0, Node::I32(1)), (1, Node::Bytes(vec![1, 2, 3]))]));
    let all = |bytes: &[u8]| -> Result<(i32, Option<Vec<u8>>)> {
        let file = Flatbuffer::open(bytes)?;
        let root = file.root()?;
        Ok((root.i32(0, 0)?, root.bytes(1)?.map(<[u8]>::to_vec)))
    };
    assert_eq!(all(&bytes), Ok((1, Some(vec![1, 2, 3]))));
    for len in 0..bytes.len() {
        assert!(all(&bytes[..len]).is_err(), "{len}");
    }
}

#[test]
fn text_must_be_text() {
    let bytes = file(&Node::Table(vec![(0, Node::Bytes(vec![0xFF, 0xFE]))]));
    let file = Flatbuffer::open(&bytes).unwrap();
    let error = file.root().unwrap().string(0).unwrap_err();
    assert!(error.to_string().ends_with("text that is no UTF-8"), "{error}");
}

#[test]
fn reading_the_same_bytes_without_end_is_stopped() {
    let bytes = file(&Node::Table(vec![(0, Node::I32s(vec![0; 100]))]));
    let file = Flatbuffer::open(&bytes).unwrap();
    let root = file.root().unwrap();
    let reads = (0..100).take_while(|_| root.i32s(0).is_ok()).count();
    assert!((10..20).contains(&reads), "{reads}");
}

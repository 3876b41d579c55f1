use proptest::prelude::*;

use super::*;

/// The naive twin: one field after the other, as the format's description says.
#[derive(Debug, Clone, PartialEq)]
enum Field {
    Int(u32, i64),
    Float(u32, u32),
    Bytes(u32, Vec<u8>),
}

fn read(mut bytes: &[u8]) -> Vec<Field> {
    let varint = |bytes: &mut &[u8]| {
        let mut value = 0u128;
        for place in 0.. {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value += u128::from(byte & 127) << (7 * place);
            if byte < 128 {
                break;
            }
        }
        value as u64
    };
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let number = (key >> 3) as u32;
        fields.push(match key & 7 {
            0 => Field::Int(number, varint(&mut bytes) as i64),
            2 => {
                let (value, rest) = {
                    let len = varint(&mut bytes) as usize;
                    bytes.split_at(len)
                };
                bytes = rest;
                Field::Bytes(number, value.to_vec())
            }
            5 => {
                let (value, rest) = bytes.split_at(4);
                bytes = rest;
                Field::Float(number, u32::from_le_bytes(value.try_into().unwrap()))
            }
            other => panic!("wire type {other}"),
        });
    }
    fields
}

fn field() -> impl Strategy<Value = Field> {
    let number = 1u32..1 << 20;
    prop_oneof![
        (number.clone(), any::<i64>()).prop_map(|(number, value)| Field::Int(number, value)),
        (number.clone(), any::<u32>()).prop_map(|(number, bits)| Field::Float(number, bits)),
        (number, proptest::collection::vec(any::<u8>(), 0..300))
            .prop_map(|(number, bytes)| Field::Bytes(number, bytes)),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(fields in proptest::collection::vec(field(), 0..20)) {
        let mut message = Message::new();
        for field in &fields {
            match field {
                Field::Int(number, value) => message.int(*number, *value),
                Field::Float(number, bits) => message.float(*number, f32::from_bits(*bits)),
                Field::Bytes(number, bytes) => message.bytes(*number, bytes),
            }
        }
        prop_assert_eq!(read(&message.clone().into_bytes()), fields);
        let mut outer = Message::new();
        outer.message(7, &message);
        prop_assert_eq!(read(&outer.into_bytes()), vec![Field::Bytes(7, message.into_bytes())]);
    }

    #[test]
    fn several_numbers_are_several_fields(values in proptest::collection::vec(any::<i64>(), 0..50)) {
        let mut message = Message::new();
        message.ints(3, &values);
        let expected: Vec<Field> = values.into_iter().map(|value| Field::Int(3, value)).collect();
        prop_assert_eq!(read(&message.into_bytes()), expected);
    }
}

#[test]
fn the_examples_of_the_formats_description() {
    let mut message = Message::new();
    message.int(1, 150);
    message.string(2, "testing");
    message.int(3, -2);
    let expected = b"\x08\x96\x01\x12\x07testing\x18\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    assert_eq!(message.into_bytes(), expected);
}

//! Lowers a TFLite file to an ONNX file: `lower_tflite MODEL.tflite OUT.onnx [TENSOR=OUTPUT ...]`. With a bundle,
//! the file is `BUNDLE.task:MEMBER`.

use std::error::Error;

use tintype_infer::tflite::{ExtraOutput, lower_with, task_member};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, target, extra @ ..] = arguments.as_slice() else {
        return Err("usage: lower_tflite MODEL.tflite OUT.onnx [TENSOR=OUTPUT ...]".into());
    };
    let bytes = match source.split_once(".task:") {
        Some((bundle, member)) => task_member(&fs_err::read(format!("{bundle}.task"))?, member)?,
        None => fs_err::read(source)?,
    };
    let extra = extra
        .iter()
        .map(|pair| {
            let (tensor, name) = pair.split_once('=').ok_or("an extra output is TENSOR=OUTPUT")?;
            Ok(ExtraOutput { tensor: tensor.to_owned(), name: name.to_owned() })
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    fs_err::write(target, lower_with(&bytes, &extra)?)?;
    Ok(())
}

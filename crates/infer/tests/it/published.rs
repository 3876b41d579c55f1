//! What publishers offer is used as it is: their TFLite files instead of the conversions that a mirror may have.

use tintype_infer::nima::{NimaModel, Question};
use tintype_infer::scene::SceneModel;
use tintype_infer::{InferConfig, Models};

use crate::pictures;
use crate::support::installations;

#[test]
fn tflite_files_give_what_their_conversions_give() {
    let Some(data) = tintype_testkit::test_data() else { return };
    for (converted, _dir) in installations() {
        let dir = tempfile::tempdir().unwrap();
        for file in [
            "scene/mobilenet_v2_1.0_224_quant.tflite",
            "scene/imagenet_labels_1001.txt",
            "aesthetics/nima_aesthetic_mobilenet.tflite",
        ] {
            let from = data.join("models").join(file);
            fs_err::copy(&from, dir.path().join(from.file_name().unwrap())).unwrap();
        }
        let config = converted.config().clone();
        let published = Models::open(InferConfig { models_dir: dir.path().into(), mirror: None, ..config });
        for image in [pictures::slopes(), pictures::numbers()] {
            let look = |models: &Models| SceneModel::new(models).look_at(&image, 3).unwrap();
            let (ours, theirs) = (look(&published), look(&converted));
            assert_eq!(ours.labels[0].class, theirs.labels[0].class, "{:?}", published.engine());
            let alike: f32 = ours.embedding.iter().zip(&theirs.embedding).map(|(a, b)| a * b).sum();
            assert!(alike > 0.99, "{alike} on {:?}", published.engine());
            let judge =
                |models: &Models| NimaModel::new(models, Question::Aesthetic).judge(&image).unwrap().mean;
            assert!((judge(&published) - judge(&converted)).abs() < 0.02, "{:?}", published.engine());
        }
    }
}

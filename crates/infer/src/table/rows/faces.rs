//! Faces.

use crate::table::{Format, ModelRow, Pack, Part, Pin, Task};

pub(super) const YUNET: ModelRow = ModelRow {
    id: "yunet",
    title: "YuNet 2026may: faces with boxes and five points",
    task: Task::FaceDetection,
    family: "yunet",
    version: "yunet_2026may@1",
    pack: Pack::Lite,
    licence: "MIT",
    commercial: true,
    note: "",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "face_detection_yunet_2026may.onnx",
            format: Format::Onnx,
            bytes: Some(229_738),
            sha256: "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
            url: Some(
                "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/face_detection_yunet_2026may.onnx",
            ),
        }],
    }],
};

pub(super) const MOBILEFACENET: ModelRow = ModelRow {
    id: "mobilefacenet",
    title: "MobileFaceNet: a vector of 128 numbers of whose face it is",
    task: Task::FaceIdentity,
    family: "mobilefacenet",
    version: "mobilefacenet_128@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "trained on refined MS-Celeb-1M, a data set that was withdrawn: check before shipping a product with it",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "mobilefacenet_foamliu_128.onnx",
            format: Format::Onnx,
            bytes: Some(3_998_070),
            sha256: "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507",
            url: Some(
                "https://raw.githubusercontent.com/foamliu/MobileFaceNet/22d3e78287c70e23cf2f5b6a6a92594008831a7f/weights/MobileFaceNet.onnx",
            ),
        }],
    }],
};

pub(super) const SFACE: ModelRow = ModelRow {
    id: "sface",
    title: "SFace: a vector of 128 numbers of whose face it is",
    task: Task::FaceIdentity,
    family: "sface",
    version: "sface_2021dec@1",
    pack: Pack::Quality,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "face_recognition_sface_2021dec.onnx",
            format: Format::Onnx,
            bytes: Some(38_696_353),
            sha256: "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
            url: Some(
                "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_recognition_sface/face_recognition_sface_2021dec.onnx",
            ),
        }],
    }],
};

pub(super) const MEDIAPIPE_FACE: ModelRow = ModelRow {
    id: "mediapipe-face",
    title: "MediaPipe face landmarks: 478 points and 52 expressions",
    task: Task::FaceLandmarks,
    family: "face_landmarks",
    version: "mediapipe_face_landmarker@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "landmarks",
            pins: &[
                Pin {
                    name: "mediapipe_face_landmarks_478.onnx",
                    format: Format::Onnx,
                    bytes: Some(4_920_997),
                    sha256: "715cdb4453a6945e8d2da841ae702ac6e1f9c11db4351f99f6c7576806ed35cf",
                    url: None,
                },
                Pin {
                    name: "face_landmarker.task",
                    format: Format::Task { member: "face_landmarks_detector.tflite" },
                    bytes: Some(3_758_596),
                    sha256: "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
                    url: Some(
                        "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
                    ),
                },
            ],
        },
        Part {
            role: "expressions",
            pins: &[
                Pin {
                    name: "mediapipe_face_blendshapes_52.onnx",
                    format: Format::Onnx,
                    bytes: Some(1_883_810),
                    sha256: "b24eb26d31d4be63258e9c6dc3a42dfc336ab71b3177bac01cda0568e07b0e03",
                    url: None,
                },
                Pin {
                    name: "face_landmarker.task",
                    format: Format::Task { member: "face_blendshapes.tflite" },
                    bytes: Some(3_758_596),
                    sha256: "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
                    url: Some(
                        "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
                    ),
                },
            ],
        },
    ],
};

pub(super) const FSANET: ModelRow = ModelRow {
    id: "fsanet",
    title: "FSA-Net pair: yaw, pitch and roll of a head",
    task: Task::HeadPose,
    family: "fsanet",
    version: "fsanet_pair@1",
    pack: Pack::Lite,
    licence: "MIT",
    commercial: true,
    note: "trained on 300W-LP, a data set for research",
    parts: &[
        Part {
            role: "plain",
            pins: &[Pin {
                name: "fsanet-1x1-iter-688590.onnx",
                format: Format::Onnx,
                bytes: Some(1_247_488),
                sha256: "d85e90cb4b9d3a87e81bbfdcfcd130cbe0e175407042e439a570aa396c44eda6",
                url: Some(
                    "https://raw.githubusercontent.com/omasaht/headpose-fsanet-pytorch/master/pretrained/fsanet-1x1-iter-688590.onnx",
                ),
            }],
        },
        Part {
            role: "variance",
            pins: &[Pin {
                name: "fsanet-var-iter-688590.onnx",
                format: Format::Onnx,
                bytes: Some(1_246_963),
                sha256: "2877b1db98e3dc66468e90df8db4a21059facd1c3f107af91c6d4fe6476a03e1",
                url: Some(
                    "https://raw.githubusercontent.com/omasaht/headpose-fsanet-pytorch/master/pretrained/fsanet-var-iter-688590.onnx",
                ),
            }],
        },
    ],
};

pub(super) const SCRFD_500M: ModelRow = ModelRow {
    id: "scrfd-500m",
    title: "SCRFD 500M: faces with boxes and five points",
    task: Task::FaceDetection,
    family: "scrfd",
    version: "scrfd_500m@1",
    pack: Pack::Research,
    licence: "InsightFace (non-commercial research only)",
    commercial: false,
    note: "the publisher offers it inside an archive, so that only a mirror has this file",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "scrfd_det_500m.onnx",
            format: Format::Onnx,
            bytes: Some(2_524_817),
            sha256: "5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a",
            url: None,
        }],
    }],
};

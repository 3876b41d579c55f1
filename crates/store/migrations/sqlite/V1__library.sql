-- Bytes are BLOB, booleans 0/1, times milliseconds since the Unix epoch, JSON text. Ids come from tintype_meta.
CREATE TABLE tintype_meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    removals INTEGER NOT NULL
);
INSERT INTO tintype_meta (id, next_id, generation, removals) VALUES (1, 1, 1, 0);

CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    online INTEGER NOT NULL
);

CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    root_id INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
    rel BLOB NOT NULL,
    UNIQUE (root_id, rel)
);

-- A picture: coded pixels with an orientation. subject_key = pixel hash (32 bytes) and orientation (1 byte).
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    subject_key BLOB NOT NULL UNIQUE,
    undecodable TEXT,
    decoder TEXT,
    sharpness REAL,
    quality REAL,
    is_blurry INTEGER,
    blur_kind TEXT
);

CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    content_hash BLOB NOT NULL UNIQUE,
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    media INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken_ms INTEGER,
    added_ms INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    size INTEGER NOT NULL,
    rating INTEGER,
    iso INTEGER,
    lat REAL,
    lon REAL,
    sharpness REAL,
    quality REAL,
    is_blurry INTEGER,
    blur_kind TEXT,
    format TEXT NOT NULL,
    name TEXT NOT NULL,
    taken_at TEXT,
    make TEXT,
    model TEXT,
    camera TEXT,
    lens TEXT
);
CREATE INDEX photos_subject ON photos (subject_id);
CREATE INDEX photos_taken ON photos (taken_ms, id) WHERE copies > 0;
CREATE INDEX photos_added ON photos (added_ms, id) WHERE copies > 0;
CREATE INDEX photos_sharpness ON photos (sharpness, id) WHERE copies > 0;
CREATE INDEX photos_quality ON photos (quality, id) WHERE copies > 0;
CREATE INDEX photos_name ON photos (name, id) WHERE copies > 0;
CREATE INDEX photos_size ON photos (size, id) WHERE copies > 0;

-- Apart from photos, so that walking many photos does not read it.
CREATE TABLE photo_metadata (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    metadata TEXT NOT NULL
);

CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    present INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    photo_id INTEGER REFERENCES photos (id),
    name BLOB NOT NULL
);
CREATE UNIQUE INDEX files_path ON files (folder_id, name);
CREATE INDEX files_photo ON files (photo_id) WHERE photo_id IS NOT NULL;
CREATE INDEX files_unsettled ON files (id) WHERE settled = 0;

CREATE TABLE issues (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (file_id, position)
);

CREATE TABLE feature_keys (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    producer TEXT NOT NULL,
    params TEXT NOT NULL,
    UNIQUE (kind, producer, params)
);

CREATE TABLE features (
    subject_id INTEGER NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
    key_id INTEGER NOT NULL REFERENCES feature_keys (id),
    type INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    value BLOB NOT NULL
);
CREATE UNIQUE INDEX features_subject ON features (subject_id, key_id);

CREATE TABLE operations (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    params TEXT NOT NULL,
    scope_key TEXT NOT NULL,
    label TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER,
    finished_ms INTEGER,
    updated_ms INTEGER NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    totals TEXT NOT NULL,
    phase TEXT NOT NULL,
    owner TEXT NOT NULL,
    error TEXT,
    result TEXT
);

-- files: row ids as little-endian 64-bit numbers.
CREATE TABLE operation_batches (
    operation_id INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    lease BLOB,
    owner TEXT,
    expires_ms INTEGER,
    commits INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    files BLOB NOT NULL,
    PRIMARY KEY (operation_id, seq)
);
CREATE INDEX operation_batches_open ON operation_batches (operation_id, seq) WHERE state <> 'done';

CREATE TABLE completions (
    scope_key TEXT NOT NULL,
    plan_hash TEXT NOT NULL,
    generation INTEGER NOT NULL,
    photos INTEGER NOT NULL,
    files INTEGER NOT NULL,
    features INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (scope_key, plan_hash)
);

CREATE TABLE albums (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    root_id INTEGER REFERENCES roots (id) ON DELETE CASCADE,
    rel BLOB,
    filter TEXT,
    created_ms INTEGER NOT NULL
);

CREATE TABLE album_photos (
    album_id INTEGER NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    added_ms INTEGER NOT NULL,
    PRIMARY KEY (album_id, photo_id)
);
CREATE INDEX album_photos_photo ON album_photos (photo_id);

CREATE TABLE views (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    scope_key TEXT NOT NULL,
    stamp TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    UNIQUE (name, scope_key)
);

CREATE TABLE view_rows (
    view_id INTEGER NOT NULL REFERENCES views (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (view_id, position)
);

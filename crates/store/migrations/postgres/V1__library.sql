-- The twin of the SQLite migration. Ids come from the sequence tintype_ids.
CREATE SEQUENCE tintype_ids;

CREATE TABLE tintype_meta (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    next_id BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    removals BIGINT NOT NULL
);
INSERT INTO tintype_meta (id, next_id, generation, removals) VALUES (1, 1, 1, 0);

CREATE TABLE roots (
    id BIGINT PRIMARY KEY,
    path BYTEA NOT NULL UNIQUE,
    online BIGINT NOT NULL
);

CREATE TABLE folders (
    id BIGINT PRIMARY KEY,
    root_id BIGINT NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
    rel BYTEA NOT NULL,
    UNIQUE (root_id, rel)
);

-- A picture: coded pixels with an orientation. subject_key = pixel hash (32 bytes) and orientation (1 byte).
CREATE TABLE subjects (
    id BIGINT PRIMARY KEY,
    subject_key BYTEA NOT NULL UNIQUE,
    undecodable TEXT,
    decoder TEXT,
    sharpness DOUBLE PRECISION,
    quality DOUBLE PRECISION,
    is_blurry BIGINT,
    blur_kind TEXT
);

CREATE TABLE photos (
    id BIGINT PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE,
    content_hash BYTEA NOT NULL UNIQUE,
    subject_id BIGINT NOT NULL REFERENCES subjects (id),
    media BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    taken_ms BIGINT,
    added_ms BIGINT NOT NULL,
    copies BIGINT NOT NULL,
    size BIGINT NOT NULL,
    rating BIGINT,
    iso BIGINT,
    lat DOUBLE PRECISION,
    lon DOUBLE PRECISION,
    sharpness DOUBLE PRECISION,
    quality DOUBLE PRECISION,
    is_blurry BIGINT,
    blur_kind TEXT,
    format TEXT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
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
    photo_id BIGINT PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    metadata TEXT NOT NULL
);

CREATE TABLE files (
    id BIGINT PRIMARY KEY,
    folder_id BIGINT NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    inode BIGINT NOT NULL,
    present BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    photo_id BIGINT REFERENCES photos (id),
    name BYTEA NOT NULL
);
CREATE UNIQUE INDEX files_path ON files (folder_id, name);
CREATE INDEX files_photo ON files (photo_id) WHERE photo_id IS NOT NULL;
CREATE INDEX files_unsettled ON files (id) WHERE settled = 0;

CREATE TABLE issues (
    file_id BIGINT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (file_id, position)
);

CREATE TABLE feature_keys (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    producer TEXT NOT NULL,
    params TEXT NOT NULL,
    UNIQUE (kind, producer, params)
);

CREATE TABLE features (
    subject_id BIGINT NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
    key_id BIGINT NOT NULL REFERENCES feature_keys (id),
    type BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    value BYTEA NOT NULL
);
CREATE UNIQUE INDEX features_subject ON features (subject_id, key_id);

CREATE TABLE operations (
    id BIGINT PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    params TEXT NOT NULL,
    scope_key TEXT NOT NULL,
    label TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    started_ms BIGINT,
    finished_ms BIGINT,
    updated_ms BIGINT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    totals TEXT NOT NULL,
    phase TEXT NOT NULL,
    owner TEXT NOT NULL,
    error TEXT,
    result TEXT
);

-- files: row ids as little-endian 64-bit numbers.
CREATE TABLE operation_batches (
    operation_id BIGINT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    lease BYTEA,
    owner TEXT,
    expires_ms BIGINT,
    commits BIGINT NOT NULL,
    file_count BIGINT NOT NULL,
    files BYTEA NOT NULL,
    PRIMARY KEY (operation_id, seq)
);
CREATE INDEX operation_batches_open ON operation_batches (operation_id, seq) WHERE state <> 'done';

CREATE TABLE completions (
    scope_key TEXT NOT NULL,
    plan_hash TEXT NOT NULL,
    generation BIGINT NOT NULL,
    photos BIGINT NOT NULL,
    files BIGINT NOT NULL,
    features BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (scope_key, plan_hash)
);

CREATE TABLE albums (
    id BIGINT PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    root_id BIGINT REFERENCES roots (id) ON DELETE CASCADE,
    rel BYTEA,
    filter TEXT,
    created_ms BIGINT NOT NULL
);

CREATE TABLE album_photos (
    album_id BIGINT NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
    photo_id BIGINT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    added_ms BIGINT NOT NULL,
    PRIMARY KEY (album_id, photo_id)
);
CREATE INDEX album_photos_photo ON album_photos (photo_id);

CREATE TABLE views (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    scope_key TEXT NOT NULL,
    stamp TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    UNIQUE (name, scope_key)
);

CREATE TABLE view_rows (
    view_id BIGINT NOT NULL REFERENCES views (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (view_id, position)
);
